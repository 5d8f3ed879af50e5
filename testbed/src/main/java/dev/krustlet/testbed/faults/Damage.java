package dev.krustlet.testbed.faults;

/// What a fault may cost. Whatever is not named here has to go on as if nothing were the matter.
enum Damage {
  /// Calls may fail, and can be made again when the fault is over.
  CALLS_FAIL,
  /// Wasm containers end as if killed.
  WASM_LOST,
  /// The daemon's containers are deleted, with what they had to tell.
  ALL_LOST,
  /// Nobody listens to events.
  DEAF
}
