#!/usr/bin/env python3
"""The peers that are libraries of Python, each as a program: reads files and prints what it found in them.

    tools.py TOOL FILE...
"""
import sys


def openpyxl(files):
    import openpyxl

    for file in files:
        for sheet in openpyxl.load_workbook(file, read_only=True, data_only=True):
            for row in sheet.iter_rows(values_only=True):
                yield from (cell for cell in row if cell is not None)


def calamine(files):
    import python_calamine

    for file in files:
        book = python_calamine.CalamineWorkbook.from_path(file)
        for name in book.sheet_names:
            for row in book.get_sheet_by_name(name).iter_rows():
                yield from (cell for cell in row if cell != "")


def kreuzberg(files):
    import kreuzberg

    for result in kreuzberg.batch_extract_files_sync(list(files)):
        yield result.content


def rapidocr(files):
    import logging

    logging.disable(logging.CRITICAL)
    import rapidocr

    engine = rapidocr.RapidOCR()
    for file in files:
        yield from engine(file).txts or ()


def elementtree(files):
    import xml.etree.ElementTree as tree

    for file in files:
        yield from (node.text for node in tree.parse(file).iter() if node.text and node.text.strip())


if __name__ == "__main__":
    print("\n".join(str(word) for word in globals()[sys.argv[1]](sys.argv[2:])))
