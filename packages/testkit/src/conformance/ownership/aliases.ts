import { words } from "../map/rows.ts";

// What PyTorch 2.13 gives for the recorded ops: whether its result's storage is that of an input. Names are those of the fixture files.

/** Ops whose every result shows the memory of an input. */
export const views: ReadonlySet<string> = new Set(
  words(`
    H T as_strided as_strided__partial_views atleast_1d atleast_2d atleast_3d broadcast_tensors broadcast_to chunk conj
    conj_physical diagonal dsplit expand expand_as hsplit linalg.diagonal mH mT
    meshgrid__list_of_tensors meshgrid__variadic_tensors movedim narrow
    nn.functional.feature_alpha_dropout__without_train permute positive real resolve_conj resolve_neg select slice split
    split__list_args split_with_sizes squeeze squeeze__multiple t tensor_split transpose unbind unfold unsafe_chunk
    unsafe_split unsqueeze view view_as vsplit
  `),
);

/** Ops that give a view where one will do and a copy where not: by layout, dtype, index or mode. */
export const either: ReadonlySet<string> = new Set(
  words(`
    __getitem__ bfloat16 bool byte cartesian_prod char contiguous double flatten float half histogramdd int long masked.prod
    nn.functional.alpha_dropout nn.functional.dropout nn.functional.dropout2d nn.functional.dropout3d nn.functional.feature_alpha_dropout__with_train
    ravel reshape reshape_as short sum_to_size to unflatten
  `),
);

/** Ops that write into their input and give it back. */
export const writers: ReadonlySet<string> = new Set(
  words("cauchy exponential geometric log_normal normal__in_place uniform"),
);

/** Views that can show memory beside their input. The gradient of what they show there reaches no input, in PyTorch and here. */
export const beside: ReadonlySet<string> = new Set(words("as_strided as_strided__partial_views"));

/** In-place forms that mean something else than their op: they draw by their arguments, where the op draws by its input. */
export const sameNameOnly: ReadonlySet<string> = new Set(words("bernoulli normal normal__number_mean"));

/**
 * Ops that refuse to have a result changed before backward: their gradient reads it, or its elements repeat. All others must give
 * the gradient.
 */
export const reading: ReadonlySet<string> = new Set(
  words(`
    TODO
  `),
);
