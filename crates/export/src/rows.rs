//! The rows that `COPY … (FORMAT binary)` writes, out of bytes that come in parts.

/// What they begin with, and a field of flags.
const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";
const HEADER: usize = SIGNATURE.len() + 4 + 4;

/// What is wrong with bytes.
pub(crate) type Wrong = &'static str;

/// Bytes on their way to rows.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    bytes: Vec<u8>,
    /// What has been read of them.
    read: usize,
    has_header: bool,
    has_ended: bool,
}

impl Rows {
    /// Takes more bytes, and hands every row that is whole by now to a function, as its values.
    pub(crate) fn take(
        &mut self,
        bytes: &[u8],
        mut row: impl FnMut(&mut Values<'_>) -> Result<(), Wrong>,
    ) -> Result<u64, Wrong> {
        self.bytes.extend_from_slice(bytes);
        let mut rows = 0;
        if !self.has_header {
            let Some(header) = self.bytes.get(..HEADER) else { return Ok(0) };
            if !header.starts_with(SIGNATURE) {
                return Err("they do not begin as such rows do");
            }
            (self.read, self.has_header) = (HEADER, true);
        }
        while let Some((fields, length)) = whole_row(self.bytes.get(self.read..).unwrap_or_default())? {
            let Some(fields) = fields else {
                self.has_ended = true;
                break;
            };
            let bytes = self.bytes.get(self.read + 2..self.read + length).unwrap_or_default();
            let mut values = Values { bytes, left: fields };
            row(&mut values)?;
            if values.left > 0 {
                return Err("a row has more columns than the relation");
            }
            self.read += length;
            rows += 1;
        }
        self.bytes.drain(..self.read);
        self.read = 0;
        Ok(rows)
    }

    /// Whether the end has come.
    pub(crate) fn ended(&self) -> Result<(), Wrong> {
        if self.has_ended { Ok(()) } else { Err("they end in the middle") }
    }
}

/// How many fields the row at the beginning has, none for the end of all rows, and how many bytes; nothing if it is not
/// whole.
fn whole_row(bytes: &[u8]) -> Result<Option<(Option<usize>, usize)>, Wrong> {
    let Some((count, mut rest)) = bytes.split_first_chunk::<2>() else { return Ok(None) };
    let count = i16::from_be_bytes(*count);
    if count == -1 {
        return Ok(Some((None, 2)));
    }
    let fields = usize::try_from(count).map_err(|_| "a row has less than no columns")?;
    for _ in 0..fields {
        let Some((length, after)) = rest.split_first_chunk::<4>() else { return Ok(None) };
        // -1 is null, and has no bytes.
        let length = usize::try_from(i32::from_be_bytes(*length)).unwrap_or(0);
        let Some(after) = after.get(length..) else { return Ok(None) };
        rest = after;
    }
    Ok(Some((Some(fields), bytes.len() - rest.len())))
}

/// The values of a row, in the order of its columns.
pub(crate) struct Values<'r> {
    bytes: &'r [u8],
    left: usize,
}

impl<'r> Values<'r> {
    /// The next value; none for null.
    pub(crate) fn next(&mut self) -> Result<Option<&'r [u8]>, Wrong> {
        self.left = self.left.checked_sub(1).ok_or("a row has fewer columns than the relation")?;
        let (length, after) = self.bytes.split_first_chunk::<4>().ok_or("a row ends in a length")?;
        match usize::try_from(i32::from_be_bytes(*length)) {
            Err(_) => {
                self.bytes = after;
                Ok(None)
            }
            Ok(length) => {
                let (value, after) = after.split_at_checked(length).ok_or("a row ends in a value")?;
                self.bytes = after;
                Ok(Some(value))
            }
        }
    }
}

/// The elements of an array of one dimension; none for null.
pub(crate) fn elements(array: &[u8]) -> Result<Vec<Option<&[u8]>>, Wrong> {
    const TOO_SHORT: Wrong = "an array is too short";
    let (dimensions, rest) = array.split_first_chunk::<4>().ok_or(TOO_SHORT)?;
    // Flags, and the type of the elements, which is known.
    let rest = rest.get(8..).ok_or(TOO_SHORT)?;
    match i32::from_be_bytes(*dimensions) {
        0 => Ok(Vec::new()),
        1 => {
            let (count, rest) = rest.split_first_chunk::<4>().ok_or(TOO_SHORT)?;
            let count = usize::try_from(i32::from_be_bytes(*count)).map_err(|_| TOO_SHORT)?;
            let mut values = Values { bytes: rest.get(4..).ok_or(TOO_SHORT)?, left: count };
            (0..count).map(|_| values.next()).collect()
        }
        _ => Err("an array has several dimensions"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two rows of two columns, the second value of the second null.
    fn copied() -> Vec<u8> {
        let mut bytes = SIGNATURE.to_vec();
        bytes.extend([0; 8]);
        for second in [Some(b"bc".as_slice()), None] {
            bytes.extend(2_i16.to_be_bytes());
            bytes.extend(1_i32.to_be_bytes());
            bytes.extend(b"a");
            bytes.extend(second.map_or(-1_i32, |_| 2).to_be_bytes());
            bytes.extend(second.unwrap_or_default());
        }
        bytes.extend((-1_i16).to_be_bytes());
        bytes
    }

    #[test]
    fn rows_are_the_same_in_whatever_parts_their_bytes_come() {
        let bytes = copied();
        for part in 1..=bytes.len() {
            let (mut rows, mut read, mut count) = (Rows::default(), Vec::new(), 0);
            for bytes in bytes.chunks(part) {
                let row = |values: &mut Values<'_>| {
                    read.push((values.next()?.map(<[u8]>::to_vec), values.next()?.map(<[u8]>::to_vec)));
                    Ok(())
                };
                count += rows.take(bytes, row).unwrap();
            }
            rows.ended().unwrap();
            let first = Some(b"a".to_vec());
            assert_eq!(
                (count, read),
                (2, vec![(first.clone(), Some(b"bc".to_vec())), (first, None)]),
                "{part} bytes at once"
            );
        }
    }

    #[test]
    fn rows_that_do_not_end_or_have_other_columns_are_none() {
        let bytes = copied();
        let mut rows = Rows::default();
        rows.take(&bytes[..bytes.len() - 1], |values| values.next().and(values.next()).map(drop)).unwrap();
        assert_eq!(rows.ended(), Err("they end in the middle"));
        let one = |values: &mut Values<'_>| values.next().map(drop);
        assert_eq!(Rows::default().take(&bytes, one), Err("a row has more columns than the relation"));
        let three = |values: &mut Values<'_>| (0..3).try_for_each(|_| values.next().map(drop));
        assert_eq!(Rows::default().take(&bytes, three), Err("a row has fewer columns than the relation"));
        assert_eq!(Rows::default().take(&[b'x'; HEADER], one), Err("they do not begin as such rows do"));
    }
}
