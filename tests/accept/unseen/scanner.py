"""What a scanner or a fax makes of a clean sheet."""
import io
import math

import numpy as np
from PIL import Image, ImageDraw, ImageFilter


def noise(img, rng, amount):
    a = np.asarray(img).astype(np.int16)
    r = np.random.default_rng(rng.randrange(1 << 30))
    return Image.fromarray(np.clip(a + r.normal(0, amount, a.shape), 0, 255).astype(np.uint8))


def tilted(img, degrees):
    fill = (255,) * len(img.getbands()) if len(img.getbands()) > 1 else 255
    return img.rotate(degrees, resample=Image.BICUBIC, fillcolor=fill)


def resized(img, dpi_x, dpi_y=None):
    return img.resize((round(img.width * dpi_x / 300), round(img.height * (dpi_y or dpi_x) / 300)), Image.LANCZOS)


def jpeg(img, quality):
    out = io.BytesIO()
    img.save(out, "JPEG", quality=quality)
    return Image.open(io.BytesIO(out.getvalue())).convert(img.mode)


def shadow(img, rng):
    w, h = img.size
    y, x = np.mgrid[0:h, 0:w]
    fall = 1 - 0.45 * np.exp(-x / (0.12 * w)) - 0.25 * np.exp(-(h - y) / (0.07 * h))
    a = np.asarray(img).astype(float)
    return Image.fromarray(np.clip(a * (fall if a.ndim == 2 else fall[..., None]), 0, 255).astype(np.uint8))


def toned(img, colour):
    a = np.asarray(img.convert("RGB")).astype(float) * (np.array(colour) / 255.0)
    return Image.fromarray(a.astype(np.uint8))


def holes(img, rng):
    d = ImageDraw.Draw(img)
    r, mid = img.width * 3 // 210, img.height // 2
    for dy in (-40, 40):
        cx, cy = img.width * 10 // 210, mid + img.height * dy // 297
        d.ellipse((cx - r, cy - r, cx + r, cy + r), fill=tuple([35] * len(img.getbands())) if img.mode == "RGB" else 35)
    return img


def folded(img, rng):
    a = np.asarray(img).astype(float)
    for part in (1 / 3, 2 / 3):
        y = int(a.shape[0] * part + rng.uniform(-20, 20))
        for d in range(-6, 7):
            drop = 70 * math.exp(-(d / 2.2) ** 2) - 18 * math.exp(-((d - 4) / 2) ** 2)
            a[y + d] = np.clip(a[y + d] - drop, 0, 255)
    return Image.fromarray(a.astype(np.uint8))


def dusty(img, rng, count=220):
    d = ImageDraw.Draw(img)
    ink = 0 if img.mode != "RGB" else (30, 30, 30)
    for _ in range(count):
        x, y, r = rng.randrange(img.width), rng.randrange(img.height), rng.choice([0, 1, 1, 1, 2, 2, 3])
        d.ellipse((x - r, y - r, x + r, y + r), fill=ink)
    return img


def bilevel(img, at=150):
    return img.convert("L").point(lambda v: 255 if v >= at else 0).convert("1", dither=Image.NONE)


def grey(img):
    return img.convert("L")


def soft(img, radius):
    return img.filter(ImageFilter.GaussianBlur(radius))


# name: picture, rng -> (picture, (dpi across, dpi down), kind of file)
LOOKS = {
    "clean300": lambda i, r: (jpeg(noise(soft(i, 0.6), r, 2), 88), (300, 300), "pdf"),
    "grey200": lambda i, r: (jpeg(noise(resized(grey(soft(i, 0.8)), 200), r, 5), 75), (200, 200), "pdf"),
    "skew200": lambda i, r: (jpeg(noise(resized(tilted(soft(toned(i, (250, 248, 240)), 0.7), r.choice([-1, 1]) * r.uniform(1.5, 3.0)), 200), r, 4), 70), (200, 200), "pdf"),
    "bw300": lambda i, r: (bilevel(noise(tilted(soft(i, 1.0), r.uniform(-0.6, 0.6)), r, 9)), (300, 300), "pdf"),
    "tiff200": lambda i, r: (bilevel(noise(resized(grey(soft(i, 1.0)), 200), r, 8), 165), (200, 200), "tif"),
    "fax196": lambda i, r: (bilevel(dusty(noise(resized(tilted(grey(soft(i, 1.2)), r.uniform(-1, 1)), 204, 196), r, 12), r, 90), 160), (204, 196), "tif"),
    "fax98": lambda i, r: (bilevel(noise(resized(grey(soft(i, 1.0)), 204, 98), r, 8), 165), (204, 98), "tif"),
    "low150": lambda i, r: (jpeg(noise(resized(soft(i, 1.0), 150), r, 4), 28), (150, 150), "pdf"),
    "paper": lambda i, r: (jpeg(noise(resized(soft(toned(i, (226, 221, 204)), 0.9), 200), r, 6), 65), (200, 200), "pdf"),
    "shadow": lambda i, r: (jpeg(noise(shadow(resized(tilted(soft(i, 0.9), r.uniform(-1.5, 1.5)), 200), r), r, 4), 70), (200, 200), "pdf"),
    "holes": lambda i, r: (jpeg(noise(folded(holes(resized(soft(i, 0.8), 200), r), r), r, 4), 72), (200, 200), "pdf"),
    "dust-bw": lambda i, r: (bilevel(dusty(resized(tilted(grey(soft(i, 0.9)), r.uniform(-1.2, 1.2)), 240), r, 380)), (240, 240), "pdf"),
    "side90": lambda i, r: (jpeg(noise(resized(soft(i, 0.8), 200), r, 4).transpose(Image.ROTATE_90), 70), (200, 200), "pdf"),
    "upside": lambda i, r: (jpeg(noise(resized(grey(soft(i, 0.8)), 200), r, 4).transpose(Image.ROTATE_180), 70), (200, 200), "pdf"),
    "side270-bw": lambda i, r: (bilevel(noise(tilted(soft(i, 1.0), r.uniform(-1, 1)), r, 6)).transpose(Image.ROTATE_270), (300, 300), "pdf"),
    "faded": lambda i, r: (jpeg(noise(resized(soft(i, 1.0), 200).point(lambda v: 120 + v * 130 // 255), r, 5), 70), (200, 200), "pdf"),
}


def save(pages, path):
    """Pages as the scanner delivers them: one picture a page."""
    pictures, dpi = [p for p, _, _ in pages], pages[0][1]
    if path.endswith(".tif"):
        pictures[0].save(path, save_all=True, append_images=pictures[1:], compression="group4" if pictures[0].mode == "1" else "tiff_deflate", dpi=dpi)
    else:
        pictures[0].save(path, "PDF", save_all=True, append_images=pictures[1:], resolution=dpi[0], **({} if pictures[0].mode == "1" else {"quality": 92}))
