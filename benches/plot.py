"""Plots as SVG: one quantity against a size, both axes by powers of ten, a line for each program."""
import math

WIDTH, HEIGHT = 640, 400
LEFT, RIGHT, TOP, BOTTOM = 70, 170, 40, 50
COLOURS = ["#1b4f8a", "#b3541e", "#2e7d4f", "#7a3b8f", "#5c5c5c"]


def shown(number):
    return f"{number:g}" if number < 10_000 else f"{number:,.0f}"


def lines(title, across, up, series):
    """`series`: by name, points of size and quantity."""
    points = [point for line in series.values() for point in line]
    low_x, high_x = (f(math.log10(x) for x, _ in points) for f in (min, max))
    low_y = math.floor(min(math.log10(max(y, 1e-6)) for _, y in points))
    high_y = math.ceil(max(math.log10(max(y, 1e-6)) for _, y in points) + 1e-9)
    high_x = high_x if high_x > low_x else low_x + 1
    high_y = high_y if high_y > low_y else low_y + 1

    def place(x, y):
        right = LEFT + (math.log10(x) - low_x) / (high_x - low_x) * (WIDTH - LEFT - RIGHT)
        down = HEIGHT - BOTTOM - (math.log10(max(y, 1e-6)) - low_y) / (high_y - low_y) * (HEIGHT - TOP - BOTTOM)
        return right, down

    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12" role="img">',
        f"<title>{title}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="22" font-size="14" font-weight="bold" fill="#222222">{title}</text>',
    ]
    for power in range(low_y, high_y + 1):
        _, y = place(10**low_x, 10.0**power)
        out.append(f'<line x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}" stroke="#dddddd"/>')
        out.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end" fill="#444444">{shown(10.0**power)}</text>')
    for size in sorted({x for x, _ in points}):
        x, _ = place(size, 10.0**low_y)
        out.append(f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle" fill="#444444">{shown(size)}</text>')
    out.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2:.0f}" y="{HEIGHT - 8}" text-anchor="middle" fill="#222222">{across}</text>')
    out.append(f'<text x="16" y="{(TOP + HEIGHT - BOTTOM) / 2:.0f}" transform="rotate(-90 16 {(TOP + HEIGHT - BOTTOM) / 2:.0f})" text-anchor="middle" fill="#222222">{up}</text>')
    for n, (name, line) in enumerate(series.items()):
        colour = COLOURS[n % len(COLOURS)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(*point) for point in line))
        out.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        out.extend(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in (place(*point) for point in line))
        y = TOP + 16 + 18 * n
        out.append(f'<line x1="{WIDTH - RIGHT + 12}" y1="{y - 4}" x2="{WIDTH - RIGHT + 32}" y2="{y - 4}" stroke="{colour}" stroke-width="2"/>')
        out.append(f'<text x="{WIDTH - RIGHT + 38}" y="{y}" fill="#222222">{name}</text>')
    return "\n".join(out) + "\n</svg>\n"
