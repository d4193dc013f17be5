/** As much of the WebAssembly JavaScript interface as is used here; Node.js has it, its type package does not. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Instance {
    constructor(module: Module);
    readonly exports: object;
  }
  interface Memory {
    /** Replaced when the memory grows; views of the old one are then empty. */
    readonly buffer: ArrayBuffer;
  }
  interface Global<T extends 'i32' | 'i64' | 'f64'> {
    readonly value: T extends 'i64' ? bigint : number;
  }
}
