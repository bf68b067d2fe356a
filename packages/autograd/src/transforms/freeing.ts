import { tidy } from "@flambeau/tensor/functional";

/** Runs `fn`, which gives tensors or structures of them, and frees what else it made. */
export const freeing = <T>(fn: () => T): T => tidy(fn as never) as T; // what is given back is no promise
