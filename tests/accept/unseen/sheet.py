"""An A4 sheet at 300 dpi: type, pen, boxes, rings and seals, all measured in millimetres."""
import math

from PIL import Image, ImageDraw, ImageFont

DPMM = 300 / 25.4
WIDTH, HEIGHT = 210, 297
_fonts = {}


def px(mm):
    return int(round(mm * DPMM))


def font(path, size):
    key = (path, size)
    if key not in _fonts:
        _fonts[key] = ImageFont.truetype(path, px(size))
    return _fonts[key]


_known = {}


def holds(path, c):
    """Whether a font has a sign of its own for a character, and not the empty frame that stands for all it lacks."""
    if (path, c) not in _known:
        used = ImageFont.truetype(path, 40)
        mask, lacking = used.getmask(c), used.getmask("\U0010fffd")
        _known[path, c] = c.isspace() or (mask.size, bytes(mask)) != (lacking.size, bytes(lacking)) and mask.getbbox() is not None
    return _known[path, c]


class Sheet:
    def __init__(self, rng, style):
        self.img = Image.new("RGB", (px(WIDTH), px(HEIGHT)), "white")
        self.draw = ImageDraw.Draw(self.img)
        self.rng, self.style = rng, style
        # As it is before anybody writes on it; chance goes the same way as where somebody does.
        self.blank = style.get("blank", False)

    def runs(self, text, face):
        """The text in pieces, each with the first of the fonts that can write it."""
        out = []
        for c in text:
            path = next((p for p in (self.style[face], self.style["print"], self.style["last"]) if holds(p, c)), self.style["last"])
            if out and out[-1][1] == path:
                out[-1][0] += c
            else:
                out.append([c, path])
        return out

    def width(self, text, size, face="print"):
        return sum(font(path, size).getlength(part) for part, path in self.runs(text, face)) / DPMM

    def text(self, x, y, text, size=3.7, face="print", pitch=0.0):
        """Text with its top left corner at x, y; returns where it ends."""
        if text == "㊞":
            # Many fonts lack it.
            self.draw.ellipse((px(x), px(y), px(x + size), px(y + size)), outline=(20, 20, 20), width=2)
            return self.text(x + size * 0.18, y + size * 0.14, "印", size * 0.64) + size * 0.2
        hand = face == "pen" and self.style["hand"]
        fill = self.style["ink"] if face == "pen" else (20, 20, 20)
        if not hand and not pitch:
            for part, path in self.runs(text, face):
                used = font(path, size)
                if face != "pen" or not self.blank:
                    self.draw.text((px(x), px(y + size * 0.88)), part, font=used, fill=fill, anchor="ls")
                x += used.getlength(part) / DPMM
            return x
        for c in text:
            dx, dy = (self.rng.gauss(0, 0.06), self.rng.gauss(0, 0.14)) if hand else (0, 0)
            used = font(self.runs(c, face)[0][1], size)
            if face != "pen" or not self.blank:
                self.draw.text((px(x + dx), px(y + dy + size * 0.88)), c, font=used, fill=fill, anchor="ls")
            x += self.width(c, size, face) + pitch + (self.rng.uniform(0.0, 0.35) if hand else 0)
        return x

    def lines(self, text, size, room, face="print"):
        out, line = [], ""
        for c in text:
            extra = 0.25 * (len(line) + 1) if face == "pen" and self.style["hand"] else 0
            if line and self.width(line + c, size, face) + extra > room:
                out.append(line)
                line = ""
            line += c
        return [part.strip() for part in out + [line]]

    def wrapped(self, x, y, room, text, size=3.7, face="print", leading=1.3):
        for line in self.lines(text, size, room, face):
            self.text(x, y, line, size, face)
            y += size * leading
        return y

    def vertical(self, x, y, text, size=3.4, step=1.15):
        for c in text:
            self.text(x, y, c, size)
            y += size * step

    def rule(self, x0, y0, x1, y1, pen=0.25, dash=None):
        if dash is None:
            self.draw.line((px(x0), px(y0), px(x1), px(y1)), fill=(25, 25, 25), width=max(1, px(pen)))
            return
        length = math.hypot(x1 - x0, y1 - y0)
        for n in range(int(length / dash)):
            if n % 2 == 0:
                a, b = n * dash / length, (n + 1) * dash / length
                self.rule(x0 + (x1 - x0) * a, y0 + (y1 - y0) * a, x0 + (x1 - x0) * b, y0 + (y1 - y0) * b, pen)

    def frame(self, x, y, w, h, pen=0.25, shade=None):
        self.draw.rectangle((px(x), px(y), px(x + w), px(y + h)), fill=shade, outline=(25, 25, 25), width=max(1, px(pen)))

    def fill(self, x, y, w, h, colour):
        self.draw.rectangle((px(x), px(y), px(x + w), px(y + h)), fill=colour)

    def light(self, x, y, text, size):
        """White print, for dark ground."""
        for part, path in self.runs(text, "print"):
            used = font(path, size)
            self.draw.text((px(x), px(y + size * 0.88)), part, font=used, fill=(255, 255, 255), anchor="ls")
            x += used.getlength(part) / DPMM

    def check_box(self, x, y, size, ticked):
        """A box of a side a little below the type's size, and a mark in one of the ways people make one."""
        side, top = size * 0.82, y + size * 0.14
        x += size * 0.06
        self.frame(x, top, side, side, 0.2)
        if not ticked or self.blank:
            return
        ink, kind = self.style["ink"], self.style["tick"]
        line = lambda *points: self.draw.line([(px(x + a * side), px(top + b * side)) for a, b in points], fill=ink, width=px(0.4), joint="curve")
        if kind == "fill":
            self.draw.rectangle((px(x), px(top), px(x + side), px(top + side)), fill=ink)
        elif kind == "tick":
            line((0.2, 0.5), (0.42, 0.8), (0.85, 0.15))
        elif kind == "re":
            line((0.28, 0.1), (0.3, 0.85), (1.15, 0.0))
        elif kind == "long":
            line((0.12, 0.45), (0.4, 0.92), (1.25, -0.35))
        else:
            line((0.12, 0.12), (0.88, 0.88))
            line((0.88, 0.12), (0.12, 0.88))

    def ring(self, x, y, w, h):
        """A hand-drawn ellipse around a word: it wobbles, and its ends do not quite meet."""
        cx, cy, a, b = x + w / 2, y + h / 2, w / 2 + self.rng.uniform(0.8, 1.6), h / 2 + self.rng.uniform(0.7, 1.2)
        start, phase, points = self.rng.uniform(0, 6.28), self.rng.uniform(0, 6.28), []
        for n in range(97):
            t = start + n / 96 * (math.tau + self.rng.uniform(-0.02, 0.02) + 0.12)
            r = 1 + 0.025 * math.sin(2 * t + phase)
            points.append((px(cx + a * r * math.cos(t)), px(cy + b * r * math.sin(t))))
        if not self.blank:
            self.draw.line(points, fill=self.style["ink"], width=px(0.38), joint="curve")

    def seal(self, cx, cy, text, size, square, colour):
        """An imprint: uneven ink, a little turned, over whatever lies below."""
        side = px(size)
        stamp = Image.new("L", (side + 8, side + 8), 0)
        d = ImageDraw.Draw(stamp)
        if square:
            d.rectangle((4, 4, side + 3, side + 3), outline=255, width=px(0.6))
        else:
            d.ellipse((4, 4, side + 3, side + 3), outline=255, width=px(0.55))
        columns = 1 if len(text) <= 2 and not square else 2 if len(text) <= 4 else 3
        per = -(-len(text) // columns)
        room = (0.82 if square else 0.66) * side
        cell = min(room / columns, room / per)
        face = ImageFont.truetype(self.style["seal_face"], int(cell * 0.92))
        for n, c in enumerate(text):
            col, row = n // per, n % per
            x = side / 2 + (columns / 2 - col - 1) * cell + cell * 0.04 + 4
            y = side / 2 + (row - per / 2) * cell + 4
            d.text((x, y), c, font=face, fill=255)
        stamp = stamp.rotate(self.rng.uniform(-7, 7), resample=Image.BICUBIC)
        stamp = stamp.point(lambda v: int(v * 0.88))
        if not self.blank:
            self.img.paste(Image.new("RGB", stamp.size, colour), (px(cx) - side // 2, px(cy) - side // 2), stamp)
