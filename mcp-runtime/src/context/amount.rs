//! Numbers that can measure progress.

/// A number that measures progress: any integer or floating-point type.
///
/// The protocol has floating-point progress; integers above 2^53 are rounded.
pub trait Amount: sealed::Sealed {
    #[doc(hidden)]
    fn amount(self) -> f64;
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! amounts {
    ($($number:ty),+) => { $(
        impl sealed::Sealed for $number {}
        impl Amount for $number {
            #[allow(clippy::cast_precision_loss, clippy::cast_lossless, clippy::unnecessary_cast, reason = "documented: rounded")]
            fn amount(self) -> f64 {
                self as f64
            }
        }
    )+ };
}

amounts!(u8, u16, u32, u64, usize, i8, i16, i32, i64, isize, f32, f64);
