//! DER (ITU-T X.690) as far as keys and certificates need it.

/// Tag, content and rest of one element.
pub(crate) fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
        (bytes.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), rest)
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

/// The first element with its tag and length, and the rest.
pub(crate) fn whole(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (_, _, rest) = element(der)?;
    Some(der.split_at(der.len() - rest.len()))
}

/// An element of this tag whose content is these parts, one after another.
pub(crate) fn encoded(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let bytes = content.len().to_be_bytes();
    let bytes = &bytes[bytes.iter().take_while(|byte| **byte == 0).count()..];
    // One byte for short content; else the number of bytes of the length, and those.
    let short = content.len() < 0x80;
    let first = if short { content.len() } else { 0x80 | bytes.len() };
    let mut out = vec![tag, u8::try_from(first).unwrap_or_default()];
    out.extend(if short { &[] } else { bytes });
    out.extend(content);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_read_again() {
        for length in [0, 1, 0x7f, 0x80, 0xff, 0x100, 70_000] {
            let content = vec![7; length];
            let der = [encoded(0x04, &[&content]), vec![1, 2]].concat();
            assert_eq!(element(&der), Some((0x04, content.as_slice(), &[1, 2][..])), "{length}");
        }
    }
}
