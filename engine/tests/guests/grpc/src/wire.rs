//! Frames of gRPC, and messages of protocol buffers whose only field is a number with the tag 1.

/// The bytes of a message.
pub type Message = Vec<u8>;

/// Of a frame: whether it is compressed, and its length.
const HEAD: usize = 5;
const FIELD: u8 = 1 << 3;

/// Takes the first message off, if all of it is there.
pub fn take(bytes: &mut Vec<u8>) -> Option<Message> {
    let length = u32::from_be_bytes(bytes.get(1..HEAD)?.try_into().ok()?) as usize;
    if bytes.len() < HEAD + length {
        return None;
    }
    let rest = bytes.split_off(HEAD + length);
    let message = std::mem::replace(bytes, rest).split_off(HEAD);
    Some(message)
}

/// The number in a message.
pub fn number(message: &[u8]) -> Option<u64> {
    let (&FIELD, bytes) = message.split_first()? else {
        return None;
    };
    let digits = bytes.iter().take(9).enumerate();
    Some(digits.fold(0, |sum, (n, byte)| sum | u64::from(byte & 0x7f) << (7 * n)))
}

/// A frame of one message with that number.
pub fn frame(mut value: u64) -> Vec<u8> {
    let mut message = vec![FIELD];
    while value > 0x7f {
        message.push(value as u8 | 0x80);
        value >>= 7;
    }
    message.push(value as u8);
    let mut frame = vec![0];
    frame.extend((message.len() as u32).to_be_bytes());
    frame.extend(message);
    frame
}
