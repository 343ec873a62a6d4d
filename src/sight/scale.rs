//! Pictures at another size.
//!
//! Owns the filter. Never asks what is in the picture.

use crate::picture::Grey;

/// The picture at another size, values from -1 (black) to 1 (white): what a network wants.
pub fn sampled(from: &Grey, width: usize, height: usize) -> Vec<f32> {
    let mut values = filtered(from, width, height);
    values.iter_mut().for_each(|value| *value = *value / 127.5 - 1.0);
    values
}

/// The picture at another size.
pub fn resized(from: Grey, width: usize, height: usize) -> Grey {
    if (from.width, from.height) == (width, height) {
        return from;
    }
    let pixels = filtered(&from, width, height).into_iter().map(|value| nearest(value).clamp(0, 255) as u8).collect();
    Grey { width, height, pixels }
}

/// The picture out of focus: each pixel becomes the mean of those about it, weighted by a bell of this radius.
pub fn softened(from: &Grey, radius: f32) -> Grey {
    let reach = (3.0 * radius).ceil() as usize;
    let bell: Vec<f32> = (0..=2 * reach).map(|n| (-((n as f32 - reach as f32) / radius).powi(2) / 2.0).exp()).collect();
    let sum: f32 = bell.iter().sum();
    let weights: Vec<u32> = bell.iter().map(|w| (w / sum * 65536.0).round() as u32).collect();
    let total: u32 = weights.iter().sum();
    let (width, height) = (from.width, from.height);
    let mut wide = vec![0u8; from.pixels.len()];
    for (line, out) in from.pixels.chunks_exact(width.max(1)).zip(wide.chunks_exact_mut(width.max(1))) {
        for (x, pixel) in out.iter_mut().enumerate() {
            let near = weights.iter().enumerate().map(|(n, w)| w * u32::from(line[(x + n).saturating_sub(reach).min(width - 1)]));
            *pixel = ((near.sum::<u32>() + total / 2) / total) as u8;
        }
    }
    let mut pixels = Vec::with_capacity(wide.len());
    let mut sums = vec![0u32; width];
    for y in 0..height {
        sums.fill(total / 2);
        for (n, w) in weights.iter().enumerate() {
            let row = (y + n).saturating_sub(reach).min(height - 1) * width;
            sums.iter_mut().zip(&wide[row..row + width]).for_each(|(sum, p)| *sum += w * u32::from(*p));
        }
        pixels.extend(sums.iter().map(|sum| (sum / total) as u8));
    }
    Grey { width, height, pixels }
}

/// `f32::round` for what fits an `i32`: half away from zero, but without a call for each pixel.
pub fn nearest(value: f32) -> i32 {
    let whole = value as i32;
    let rest = value - whole as f32;
    whole + i32::from(rest >= 0.5) - i32::from(rest <= -0.5)
}

/// Averages where it shrinks, interpolates where it grows.
fn filtered(from: &Grey, width: usize, height: usize) -> Vec<f32> {
    let columns = taps(from.width, width);
    let rows = taps(from.height, height);
    // Rows without anything, which are most of a plane of coloured ink, stay 0.
    let is_bare: Vec<bool> = from.pixels.chunks_exact(from.width.max(1)).map(|line| line.iter().all(|pixel| *pixel == 0)).collect();
    let narrow = match columns.iter().map(|tap| tap.weights.len()).max() {
        Some(..=2) if from.width >= 2 => narrowed::<2>(from, &columns, &is_bare),
        Some(3) => narrowed::<3>(from, &columns, &is_bare),
        Some(4) => narrowed::<4>(from, &columns, &is_bare),
        Some(5..=8) if from.width >= 8 => narrowed::<8>(from, &columns, &is_bare),
        _ => narrowed_by_any(from, &columns),
    };
    let mut out = vec![0.0f32; width * height];
    for (y, tap) in rows.iter().enumerate() {
        let target = &mut out[y * width..(y + 1) * width];
        for (k, weight) in tap.weights.iter().enumerate().filter(|(k, _)| !is_bare[tap.first + k]) {
            let line = &narrow[(tap.first + k) * width..(tap.first + k + 1) * width];
            target.iter_mut().zip(line).for_each(|(t, p)| *t += weight * p);
        }
    }
    out
}

/// Each row at its new width, by taps of at most `N` pixels, which `from` has at least.
fn narrowed<const N: usize>(from: &Grey, columns: &[Tap], is_bare: &[bool]) -> Vec<f32> {
    let taps: Vec<(usize, [f32; N])> = columns
        .iter()
        .map(|tap| {
            let first = tap.first.min(from.width - N);
            let mut weights = [0.0; N];
            weights[tap.first - first..].iter_mut().zip(&tap.weights).for_each(|(weight, given)| *weight = *given);
            (first, weights)
        })
        .collect();
    let mut narrow = vec![0.0f32; columns.len() * from.height];
    let rows = from.pixels.chunks_exact(from.width).zip(narrow.chunks_exact_mut(columns.len())).zip(is_bare);
    for ((line, out), _) in rows.filter(|(_, is_bare)| !**is_bare) {
        for (value, (first, weights)) in out.iter_mut().zip(&taps) {
            let pixels = &line[*first..*first + N];
            *value = weights.iter().zip(pixels).map(|(w, p)| w * f32::from(*p)).sum();
        }
    }
    narrow
}

/// The same by taps of any width.
fn narrowed_by_any(from: &Grey, columns: &[Tap]) -> Vec<f32> {
    let mut narrow = Vec::with_capacity(columns.len() * from.height);
    for line in from.pixels.chunks_exact(from.width.max(1)) {
        narrow.extend(columns.iter().map(|tap| tap.weights.iter().zip(&line[tap.first..]).map(|(w, p)| w * f32::from(*p)).sum::<f32>()));
    }
    narrow
}

/// Which pixels of the source make one of the target.
struct Tap {
    first: usize,
    weights: Vec<f32>,
}

/// A triangle filter, as wide as the step where the picture shrinks.
fn taps(from: usize, to: usize) -> Vec<Tap> {
    let step = from as f32 / to.max(1) as f32;
    let reach = step.max(1.0);
    (0..to)
        .map(|n| {
            let centre = (n as f32 + 0.5) * step - 0.5;
            let first = ((centre - reach).ceil().max(0.0) as usize).min(from.saturating_sub(1));
            let last = ((centre + reach).floor().max(0.0) as usize).min(from.saturating_sub(1));
            let mut weights: Vec<f32> = (first..=last).map(|x| (1.0 - (x as f32 - centre).abs() / reach).max(0.0)).collect();
            let sum: f32 = weights.iter().sum();
            if sum > 0.0 {
                weights.iter_mut().for_each(|w| *w /= sum);
            } else {
                weights.iter_mut().for_each(|w| *w = 1.0 / (last - first + 1) as f32);
            }
            Tap { first, weights }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_number_is_what_rounding_says() {
        let edges = [0.0, 0.5, 1.5, 2.5, 0.499_999_97, 0.500_000_06, 8_388_607.5, 8_388_608.0, 123_456_789.0];
        let between = (-40_000..40_000).map(|n| n as f32 / 7.3);
        for value in edges.into_iter().flat_map(|edge| [edge, -edge]).chain(between) {
            assert_eq!(nearest(value), value.round() as i32, "{value}");
        }
    }

    #[test]
    fn taps_of_one_width_give_what_taps_of_any_width_do() {
        let pixels = (0..40 * 9).map(|n| if n / 40 == 4 { 0 } else { (n * n * 7 % 251) as u8 }).collect();
        let grey = Grey { width: 40, height: 9, pixels };
        for width in [90, 41, 40, 30, 21, 17, 13, 11, 9, 5, 2] {
            let (columns, rows) = (taps(40, width), taps(9, 6));
            let narrow = narrowed_by_any(&grey, &columns);
            let tall =
                |x: usize, tap: &Tap| tap.weights.iter().enumerate().map(|(k, w)| w * narrow[(tap.first + k) * width + x]).sum::<f32>();
            let slow: Vec<f32> = rows.iter().flat_map(|tap| (0..width).map(|x| tall(x, tap)).collect::<Vec<_>>()).collect();
            assert_eq!(filtered(&grey, width, 6), slow, "{width}");
        }
    }

    #[test]
    fn an_even_picture_stays_even_at_any_size() {
        let grey = Grey { width: 7, height: 5, pixels: vec![255; 35] };
        for (w, h) in [(1, 1), (3, 2), (7, 5), (20, 30)] {
            assert!(sampled(&grey, w, h).iter().all(|v| (v - 1.0).abs() < 1e-4), "{w} by {h}");
        }
    }
}
