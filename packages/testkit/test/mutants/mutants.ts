/** One fault put into the backend template: `from`, which stands in `file` once, becomes `to`. */
export interface Mutant {
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly why: string;
}

const of =
  (file: string) =>
  (why: string, from: string, to: string): Mutant => ({ file, from, to, why });
const [index, elements, interpret, kernels, philox, special] = [
  of("index.ts"),
  of("elements.ts"),
  of("interpret.ts"),
  of("kernels.ts"),
  of("philox.ts"),
  of("special.ts"),
];

export const mutants: readonly Mutant[] = [
  // memory, its order and its end
  index("live buffers are not counted", "this.buffers++;", ""),
  index("live bytes are not counted", "this.bytes += byteLength;", ""),
  index("the peak falls", "Math.max(this.peak, this.bytes)", "this.bytes"),
  index("no room is no MemoryError", "throw new MemoryError(", "throw new DeviceError("),
  index("no room does not say for how much", "byteLength} bytes", "0} bytes"),
  index(
    "no room counts all the same",
    "const block: Block = { bytes: this.reserve(byteLength) };",
    "this.bytes += byteLength; const block: Block = { bytes: this.reserve(byteLength) }; this.bytes -= byteLength;",
  ),
  index("freeing twice throws", "if (block.bytes === null) return;", ""),
  index("freed buffers are counted on", "this.buffers--;", ""),
  index("freed bytes are counted on", "this.bytes -= block.bytes.byteLength;", ""),
  index("freeing twice counts twice", "block.bytes = null;", ""),
  index("a write forgets where to", ".set(bytes, offset)", ".set(bytes, 0)"),
  index(
    "a synchronous read shows the memory itself",
    ".slice(offset, offset + byteLength)",
    ".subarray(offset, offset + byteLength)",
  ),
  index("a read starts at the start", ".slice(offset, offset + byteLength)", ".slice(0, byteLength)"),
  index(
    "a read copies late",
    "return this.readSync(buffer, offset, byteLength);",
    "await null; return this.readSync(buffer, offset, byteLength);",
  ),
  index(
    "a read copies much later",
    "return this.readSync(buffer, offset, byteLength);",
    "await new Promise((r) => setTimeout(r, 5)); return this.readSync(buffer, offset, byteLength);",
  ),
  index("reserved memory is less than what lives", "reservedBytes: this.bytes", "reservedBytes: 0"),
  index("a disposed backend goes on", "this.disposed = true;", ""),
  index("a disposed backend takes writes", "offset = 0): void {\n    this.alive();", "offset = 0): void {"),
  index(
    "a disposed backend reads",
    "byteLength: number): Uint8Array {\n    this.alive();",
    "byteLength: number): Uint8Array {",
  ),
  index(
    "a flush that throws",
    "  dispose(): void {",
    '  flush(): void { throw new Error("no"); }\n  dispose(): void {',
  ),
  index(
    "a pace that never comes",
    "  dispose(): void {",
    "  pace(): Promise<void> { return new Promise(() => {}); }\n  dispose(): void {",
  ),
  index("a warm-up that never ends", "  dispose(): void {", "  readonly warming = true;\n  dispose(): void {"),
  index("a name that is none", 'readonly name = "reference"', 'readonly name = "Reference 1"'),
  // indices
  index("indices are not checked", "throw fail(value);", "fail(value);"),
  index("negative indices pass", "if (value < 0 || value >= size)", "if (value >= size)"),
  index("the size itself passes", "value >= size)", "value > size)"),
  index("the wrong index is named", "throw fail(value);", "throw fail(size);"),
  index(
    "only the first index is checked",
    "if (value < 0 || value >= size) throw fail(value);",
    "if (value < 0 || value >= size) throw fail(value); return;",
  ),
  // elements
  elements("int64 goes through floats", "array[i] = BigInt(v);", "array[i] = BigInt(Number(v));"),
  elements("offsets are forgotten", "let place = offset;", "let place = 0;"),
  elements("a dimension turns over late", "if (++at[d] < shape[d]) break;", "if (++at[d] <= shape[d]) break;"),
  elements(
    "a dimension turns back too little",
    "place -= strides[d] * shape[d];",
    "place -= strides[d] * (shape[d] - 1);",
  ),
  elements("lines start at the buffer's start", "offset: v.offset }", "offset: 0 }"),
  elements("more than 65,535 lines are left out", "line < sizeOf(outer)", "line < Math.min(sizeOf(outer), 65535)"),
  elements("bfloat16 is cut off", "((bits[0] + 0x7fff + ((bits[0] >>> 16) & 1)) >>> 16)", "(bits[0] >>> 16)"),
  elements("bfloat16 rounds halves up", "0x7fff + ((bits[0] >>> 16) & 1)", "0x8000"),
  elements("float16's largest is taken for infinity", "size >= 65520", "size >= 65504"),
  elements("float16 overflows late", "size >= 65520", "size >= 1e5"),
  elements("float16 loses the sign of zero", "x < 0 || Object.is(x, -0) ? 0x8000 : 0", "x < 0 ? 0x8000 : 0"),
  elements("float16's small numbers are coarse", "|| 2 ** -24)), -14)", "|| 2 ** -24)), -13)"),
  elements("float16 is cut off", "const steps = roundEven(size", "const steps = Math.floor(size"),
  elements("float16's small numbers are read as half", "fraction * 2 ** -24", "fraction * 2 ** -25"),
  elements("float16's infinity is a number", "if (exponent === 31)", "if (exponent === 32)"),
  elements("float16's sign is not read", "b & 0x8000 ? -1 : 1", "b & 0x8000 ? 1 : 1"),
  elements("halfway goes up", "low % 2 === 0 ? low : low + 1", "low + 1"),
  // programs
  interpret(
    "params stay float64",
    "convert(params[e.value], type)",
    'type === "float32" ? params[e.value] : convert(params[e.value], type)',
  ),
  interpret(
    "steps stay float64",
    "? (x, y) => Math.fround(f(x as number, y as number))",
    "? (x, y) => f(x as number, y as number)",
  ),
  interpret("the other side is chosen", "values[a] ? values[b] : values[c]", "values[a] ? values[c] : values[b]"),
  interpret("true is what is positive", "return Number(x) !== 0 ? 1 : 0;", "return Number(x) > 0 ? 1 : 0;"),
  interpret("int64 saturates to int32", "Number(BigInt.asIntN(32, x))", "clamp(Number(x), 2 ** 31)"),
  interpret(
    "conversions to int32 round",
    "Math.trunc(Math.min(Math.max(x, -limit), limit - 1))",
    "Math.round(Math.min(Math.max(x, -limit), limit - 1))",
  ),
  interpret(
    "conversions to int64 round down",
    "Number.isFinite(x) ? Math.trunc(x) : 0",
    "Number.isFinite(x) ? Math.floor(x) : 0",
  ),
  interpret("division by zero traps", "y === 0n ? 0n : x / y", "x / y"),
  interpret("the remainder by zero traps", "y === 0n ? 0n : x % y", "x % y"),
  interpret(
    "the least integer by -1 traps",
    "exact((x, y) => (y === 0n ? 0n : x / y))",
    'exact((x, y) => { if (y === -1n && x === -(1n << BigInt(bits - 1))) throw new Error("trap"); return y === 0n ? 0n : x / y; })',
  ),
  interpret(
    "the least integer modulo -1 traps",
    "exact((x, y) => (y === 0n ? 0n : x % y))",
    'exact((x, y) => { if (y === -1n && x === -(1n << BigInt(bits - 1))) throw new Error("trap"); return y === 0n ? 0n : x % y; })',
  ),
  interpret("division rounds down", "y === 0n ? 0n : x / y", "y === 0n ? 0n : (x - (((x % y) + y) % y)) / y"),
  interpret("the remainder has the divisor's sign", "y === 0n ? 0n : x % y", "y === 0n ? 0n : ((x % y) + y) % y"),
  interpret(
    "integers are multiplied as floats",
    "return exact((x, y) => x * y);",
    "return (x, y) => convert(Number(x) * Number(y), type);",
  ),
  interpret(
    "integers are added as floats",
    "return exact((x, y) => x + y);",
    "return (x, y) => convert(Number(x) + Number(y), type);",
  ),
  interpret("a left shift is masked", "y >= 0n && y < bits ? x << y : 0n", "x << (y & BigInt(bits - 1))"),
  interpret(
    "a right shift is masked",
    "y >= 0n && y < bits ? x >> y : x < 0n ? -1n : 0n",
    "x >> (y & BigInt(bits - 1))",
  ),
  interpret("a shift beyond the width leaves no sign", "x >> y : x < 0n ? -1n : 0n", "x >> y : 0n"),
  interpret("not is that of bits", 'type === "bool" ? (x) => truth(!x) : exact((x) => ~x)', "exact((x) => ~x)"),
  interpret(
    "less is less as floats",
    "return (x, y) => truth(x < y);",
    "return (x, y) => truth(Number(x) < Number(y));",
  ),
  interpret(
    "equal is equal as floats",
    "return (x, y) => truth(x === y);",
    "return (x, y) => truth(Number(x) === Number(y));",
  ),
  interpret("the sign of NaN is NaN", "sign: (x) => truth(x > 0) - truth(x < 0)", "sign: Math.sign"),
  interpret("the least with NaN is the number", "min: Math.min,", "min: (x, y) => (x < y ? x : y),"),
  interpret("halfway rounds up", "round: roundEven,", "round: Math.round,"),
  interpret(
    "1 to the power of NaN is NaN",
    "pow: (x, y) => (x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : x ** y)",
    "pow: (x, y) => x ** y",
  ),
  interpret(
    "copysign overlooks -0",
    "y < 0 || Object.is(y, -0) ? -Math.abs(x) : Math.abs(x)",
    "y < 0 ? -Math.abs(x) : Math.abs(x)",
  ),
  interpret(
    "the float remainder has the divisor's sign",
    "rem: (x, y) => x % y",
    "rem: (x, y) => x - y * Math.floor(x / y)",
  ),
  interpret("sigmoid overflows", "1 / (1 + Math.exp(-x))", "Math.exp(x) / (1 + Math.exp(x))"),
  interpret("the next number below a negative one is above", "const up = y > x === x > 0;", "const up = y > x;"),
  interpret("there is nothing next to zero", "Math.sign(y) * 2 ** -149", "0"),
  interpret("log1p loses small numbers", "log1p: Math.log1p", "log1p: (x) => Math.log(1 + x)"),
  interpret("expm1 loses small numbers", "expm1: Math.expm1", "expm1: (x) => Math.exp(x) - 1"),
  special("erf ends early", "if (Math.abs(x) > 6)", "if (Math.abs(x) > 2)"),
  special("erfc cancels", "if (x < 0.5) return 1 - erf(x);", "if (x < 3.5) return 1 - erf(x);"),
  special("digamma's series starts early", "if (x < 8)", "if (x < 1)"),
  // primitives
  kernels(
    "positions are places",
    "to.set(places[i], f(read(i), params, i))",
    "to.set(places[i], f(read(i), params, places[i]))",
  ),
  kernels(
    "map stops after 65,535 groups of 256",
    "for (let i = 0; i < places.length; i++) to.set(places[i]",
    "for (let i = 0; i < Math.min(places.length, 65535 * 256); i++) to.set(places[i]",
  ),
  kernels("a NaN is overtaken", "(isNaN(a) || a > b ? a : b)", "(a > b ? a : b)"),
  kernels("the product of nothing is 0", "prod: 1,", "prod: 0,"),
  kernels("all of nothing is false", "all: 1,", "all: 0,"),
  kernels("log-sum-exp of nothing but -Infinity is NaN", "Number.isFinite(high) ? high + Math", "true ? high + Math"),
  kernels(
    "log-sum-exp overflows",
    "high + Math.log1p(Math.exp(Math.min(x, y) - high))",
    "Math.log(Math.exp(x) + Math.exp(y))",
  ),
  kernels(
    "int32 saturates",
    "(Number(a) + Number(b)) | 0",
    "Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Number(a) + Number(b)))",
  ),
  kernels("int32 is multiplied as floats", "Math.imul(Number(a), Number(b))", "(Number(a) * Number(b)) | 0"),
  kernels(
    "int64 is multiplied as floats",
    "BigInt.asIntN(64, BigInt(a) * BigInt(b))",
    "BigInt.asIntN(64, BigInt(Number(a) * Number(b)))",
  ),
  kernels(
    "int64 is added as floats",
    "BigInt.asIntN(64, BigInt(a) + BigInt(b))",
    "BigInt.asIntN(64, BigInt(Number(a) + Number(b)))",
  ),
  kernels(
    "reduce leaves out what follows 65,535 results",
    "for (const place of placesOf(output))",
    "for (const place of placesOf(output).subarray(0, 65535))",
  ),
  kernels(
    "reduce sees 65,535 elements",
    "for (let i = 0; i < into.length; i++) {",
    "for (let i = 0; i < Math.min(into.length, 65535); i++) {",
  ),
  kernels("argReduce gives the last of equal ones", "x > held : x < held", "x >= held : x <= held"),
  kernels("argReduce overlooks NaN", "if (!isNaN(held) && (isNaN(x) || (kind", "if (((kind"),
  kernels("cummax skips NaN's positions", "if (x === value || isNaN(x)) last = k;", "if (x === value) last = k;"),
  kernels(
    "cummax goes on counting behind NaN",
    "if (x === value || isNaN(x)) last = k;",
    "if (x === value || isNaN(value)) last = k;",
  ),
  kernels(
    "cummax gives the first of equal ones",
    "if (x === value || isNaN(x)) last = k;",
    "if ((x === value && from.get(start + last * input.strides[dim]) !== x) || isNaN(x)) last = k;",
  ),
  kernels("matmul forgets a's offset", "x.get(a.offset + p", "x.get(p"),
  kernels("matmul takes one b for all batches", "b.offset + p * b.strides[0]", "b.offset"),
  kernels("matmul stops after 65,535 batches", "p < batch;", "p < Math.min(batch, 65535);"),
  kernels("matmul stops after 65,535 rows", "i < m;", "i < Math.min(m, 65535);"),
  kernels("matmul stops after 65,535 columns", "j < n;", "j < Math.min(n, 65535);"),
  kernels("matmul stops after 65,535 terms", "l < a.shape[2];", "l < Math.min(a.shape[2], 65535);"),
  kernels(
    "gather reads the index as if it were row-major",
    "[placesOf(index), placesOf(output)]",
    "[placesOf(output), placesOf(output)]",
  ),
  kernels(
    "gather stops after 65,535",
    "i < lines.length; i++)\n      to.set(outputs",
    "i < Math.min(lines.length, 65535); i++)\n      to.set(outputs",
  ),
  kernels(
    "scatter: the first of several stays",
    "for (let i = 0; i < lines.length; i++) {",
    "for (let i = lines.length - 1; i >= 0; i--) {",
  ),
  kernels(
    "scatter stops after 65,535",
    "for (let i = 0; i < lines.length; i++) {",
    "for (let i = 0; i < Math.min(lines.length, 65535); i++) {",
  ),
  kernels("bools multiply by or", 'return mode === "add" ? larger : smaller;', "return larger;"),
  kernels("sort turns equal ones around", "|| a.k - b.k", "|| b.k - a.k"),
  kernels("sort lays NaN anywhere", "rank(a.x) - rank(b.x) || ", ""),
  kernels(
    "sort refuses more than 4,096",
    "const sign = descending ? -1 : 1;",
    'const sign = descending ? -1 : 1; if (input.shape[dim] > 4096) throw new RangeError("too long");',
  ),
  kernels(
    "sort compares int64 as floats",
    "(a.x < b.x ? -1 : a.x > b.x ? 1 : 0)",
    "Math.sign(Number(a.x) - Number(b.x))",
  ),
  kernels("random starts at zero", "philox(seed, offset, ", "philox(seed, 0n, "),
  philox("a counter of 32 bits", "low(block >> 32n), 0, 0]", "0, 0, 0]"),
  philox("half a seed", "low(seed), low(seed >> 32n)]", "low(seed), 0]"),
  philox("nine rounds", "round < 10", "round < 9"),
];
