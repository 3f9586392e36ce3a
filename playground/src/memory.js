// The memory that the engine works in: one block of arguments, and arrays behind it.

const STACK = 131072; // bytes at the bottom, which compiled code uses downwards
const PAGE = 65536;
const SIZES = { i8: 1, i64: 8, double: 8, ptr: 4 };

/** An instance of the engine with a memory of its own. */
export class Machine {
  constructor(module, layouts) {
    this.memory = new WebAssembly.Memory({ initial: 8 });
    const env = {
      __linear_memory: this.memory,
      __stack_pointer: new WebAssembly.Global({ value: "i32", mutable: true }, STACK),
      __indirect_function_table: new WebAssembly.Table({ initial: 4, element: "anyfunc" }),
    };
    this.exports = new WebAssembly.Instance(module, { env }).exports;
    this.layouts = layouts;
    this.view = new DataView(this.memory.buffer);
  }

  /** Forget all arrays and make a block for the arguments of one function. */
  begin(name) {
    this.call = this.exports[name];
    this.layout = this.layouts[name];
    this.top = STACK;
    this.block = this.take(this.layout.size);
  }

  run() {
    const status = this.call(this.block);
    if (status !== 0) throw new Error(`the engine returned status ${status}`);
  }

  /** The address of so many bytes, all 0. */
  take(bytes) {
    const at = this.top;
    this.top = (at + bytes + 15) & ~15;
    const lacking = this.top - this.memory.buffer.byteLength;
    if (lacking > 0) {
      this.memory.grow(Math.ceil(lacking / PAGE) + 8);
      this.view = new DataView(this.memory.buffer);
    }
    new Uint8Array(this.memory.buffer, at, bytes).fill(0);
    return at;
  }

  /** Set one number among the arguments. */
  put(path, value) {
    const [offset, kind] = this.layout.places[path];
    const at = this.block + offset;
    if (kind === "i64") this.view.setBigInt64(at, BigInt(value), true);
    else if (kind === "double") this.view.setFloat64(at, value, true);
    else if (kind === "ptr") this.view.setInt32(at, value, true);
    else this.view.setInt8(at, Number(value));
  }

  /** Put an array of one dimension behind the block, and its address among the arguments. */
  array(path, kind, length, values = [], bytes = SIZES[kind]) {
    const at = this.take(length * bytes);
    if (kind === "i64") {
      const numbers = new BigInt64Array(this.memory.buffer, at, length);
      for (let k = 0; k < values.length; k++) numbers[k] = BigInt(values[k]);
    } else if (values.length) new Float64Array(this.memory.buffer, at, length).set(values);
    this.point(path, at, length, bytes);
    return at;
  }

  /** Let an argument be the array at an address. */
  point(path, at, length, bytes = 8) {
    this.put(`${path}.data`, at);
    this.put(`${path}.shape0`, length);
    this.put(`${path}.strides0`, bytes);
  }

  doubles(at, count) {
    return new Float64Array(this.memory.buffer, at, count);
  }

  whole(at) {
    return Number(this.view.getBigInt64(at, true));
  }

  setWhole(at, value) {
    this.view.setBigInt64(at, BigInt(value), true);
  }
}
