import type { DType } from "@flambeau/tensor";
import { compileProgram, dtypeKey, input, type Program, scalarType } from "@flambeau/tensor/plugin";

/** The programs that give their one input in another dtype, each made once. */
export class Conversions {
  private readonly programs = new Map<number, Program>();

  program(from: DType, to: DType): Program {
    const key = dtypeKey(dtypeKey(0, from), to);
    let program = this.programs.get(key);
    if (program === undefined)
      this.programs.set(key, (program = compileProgram(input(0), [from], 0, scalarType(to), to)));
    return program;
  }
}
