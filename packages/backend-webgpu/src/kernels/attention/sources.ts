import type { KernelSource } from "../../engine/kernel.ts";
import { dot, each, type Form, ownRows, quads, range, rowAt, scale, storeRows, sweepSource, zeros } from "./sweep.ts";

const lowest = "-3.4028234e38f";
const total = (terms: readonly string[]): string => terms.join(" + ");

/**
 * y = softmax(q k^T scale) v and the log-sum-exp of each row of scores, by a running maximum and sum (Dao et al. 2022).
 * Writes y, log-sums; reads q, k, v; tensors in this order.
 */
export function forwardSource(form: Form): KernelSource {
  const { rows, dim, dimV } = form;
  const q = quads(dimV);
  return sweepSource(form, {
    label: "attention",
    writes: 2,
    reads: 3,
    tensors: 5,
    swept: ["r1", 3, "r2", 4],
    sees: "before",
    uses: ["f_exp", "f_log"],
    before: `${ownRows(form, "q", "r0", 2, dim)}
  ${zeros(form, "y", dimV)}
  ${each(rows, (r) => `var most${r} = ${lowest}; var sum${r} = 0f;`)}`,
    step: (count, seen) =>
      each(
        rows,
        (r) => `{
      ${each(count, (i) => `let s${i} = select(${lowest}, (${dot(`q${r}`, `a${i}`, dim)}) * ${scale}, ${seen(r, i)});`)}
      let most = ${range(count).reduce((m, i) => `max(${m}, s${i})`, `most${r}`)};
      let shrink = f_exp(most${r} - most);
      most${r} = most;
      ${each(count, (i) => `let w${i}w = select(0f, f_exp(s${i} - most), ${seen(r, i)});`)}
      sum${r} = sum${r} * shrink + (${total(range(count).map((i) => `w${i}w`))});
      ${each(q, (d) => `y${r}_${d} = y${r}_${d} * shrink + (${total(range(count).map((i) => `w${i}w * b${i}_${d}`))});`)}
    }`,
      ),
    after: `${storeRows(form, "w0", 0, dimV, (r, d) => `y${r}_${d} / sum${r}`)}
  ${each(rows, (r) => `if (first + ${r}u < own) { w1[${rowAt(1, `row${r}`)}] = most${r} + f_log(sum${r}); }`)}`,
  });
}

/**
 * dq = ds k with ds = p (g v^T - delta) scale, p = exp(q k^T scale - log-sums) and delta = sum of g y over each row.
 * Writes dq, delta; reads g, q, k, v, y, log-sums; tensors in this order.
 */
export function queryGradientSource(form: Form): KernelSource {
  const { rows, dim, dimV } = form;
  return sweepSource(form, {
    label: "attention, gradient of queries",
    writes: 2,
    reads: 6,
    tensors: 8,
    swept: ["r2", 4, "r3", 5],
    sees: "before",
    uses: ["f_exp"],
    before: `${ownRows(form, "g", "r0", 2, dimV)}
  ${ownRows(form, "q", "r1", 3, dim)}
  ${ownRows(form, "y", "r4", 6, dimV)}
  ${zeros(form, "dq", dim)}
  ${each(rows, (r) => `let delta${r} = ${dot(`g${r}`, `y${r}`, dimV)}; let logSum${r} = r5[${rowAt(7, `row${r}`)}];`)}`,
    step: (count, seen) =>
      each(
        rows,
        (r) => `{
      ${each(
        count,
        (i) => `let p${i} = select(0f, f_exp((${dot(`q${r}`, `a${i}`, dim)}) * ${scale} - logSum${r}), ${seen(r, i)});
      let ds${i} = p${i} * (${dot(`g${r}`, `b${i}`, dimV)} - delta${r}) * ${scale};`,
      )}
      ${each(quads(dim), (d) => `dq${r}_${d} += ${total(range(count).map((i) => `ds${i} * a${i}_${d}`))};`)}
    }`,
      ),
    after: `${storeRows(form, "w0", 0, dim, (r, d) => `dq${r}_${d}`)}
  ${each(rows, (r) => `if (first + ${r}u < own) { w1[${rowAt(1, `row${r}`)}] = delta${r}; }`)}`,
  });
}

/**
 * dk = ds^T q and dv = p^T g. Writes dk, dv, which may lie in one buffer; reads g, q, k, v, log-sums, delta; tensors in this order.
 */
export function keyGradientSource(form: Form): KernelSource {
  const { rows, dim, dimV, joint } = form;
  return sweepSource(form, {
    label: "attention, gradient of keys and values",
    writes: joint ? 1 : 2,
    reads: 6,
    tensors: 8,
    swept: ["r1", 3, "r0", 2],
    sees: "after",
    uses: ["f_exp"],
    before: `${ownRows(form, "k", "r2", 4, dim)}
  ${ownRows(form, "v", "r3", 5, dimV)}
  ${zeros(form, "dk", dim)}
  ${zeros(form, "dv", dimV)}`,
    step: (count, seen) => `
      ${each(count, (i) => `let logSum${i} = r4[${rowAt(6, `min(other${i}, others - 1u)`)}]; let delta${i} = r5[${rowAt(7, `min(other${i}, others - 1u)`)}];`)}
      ${each(
        rows,
        (r) => `{
      ${each(
        count,
        (i) => `let p${i} = select(0f, f_exp((${dot(`k${r}`, `a${i}`, dim)}) * ${scale} - logSum${i}), ${seen(r, i)});
      let ds${i} = p${i} * (${dot(`v${r}`, `b${i}`, dimV)} - delta${i}) * ${scale};`,
      )}
      ${each(quads(dim), (d) => `dk${r}_${d} += ${total(range(count).map((i) => `ds${i} * a${i}_${d}`))};`)}
      ${each(quads(dimV), (d) => `dv${r}_${d} += ${total(range(count).map((i) => `p${i} * b${i}_${d}`))};`)}
    }`,
      )}`,
    after: `${storeRows(form, "w0", 0, dim, (r, d) => `dk${r}_${d}`)}
  ${storeRows(form, joint ? "w0" : "w1", 1, dimV, (r, d) => `dv${r}_${d}`)}`,
  });
}
