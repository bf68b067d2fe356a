import { words } from "../map/rows.ts";

// What PyTorch 2.13 gives for the recorded ops: whether its result's storage is that of an input. Names are those of the fixture files.

/** Ops whose every result shows the memory of an input. */
export const views: ReadonlySet<string> = new Set(
  words(`
    H T as_strided as_strided__partial_views atleast_1d atleast_2d atleast_3d broadcast_tensors broadcast_to chunk
    conj conj_physical diagonal dsplit expand expand_as hsplit linalg.diagonal mH mT meshgrid__list_of_tensors
    meshgrid__variadic_tensors movedim narrow nn.functional.feature_alpha_dropout__without_train permute positive real
    resolve_conj resolve_neg select slice split split__list_args split_with_sizes squeeze squeeze__multiple t
    tensor_split transpose unbind unflatten unfold unsafe_chunk unsafe_split unsqueeze view view_as vsplit
  `),
);

/**
 * Ops that give a view where one will do and a copy where not: by layout, dtype, index or mode. (PyTorch's histogramdd, masked.prod
 * and sum_to_size do so, too; ours always copy, and are held to that.)
 */
export const either: ReadonlySet<string> = new Set(
  words(`
    __getitem__ bfloat16 bool byte cartesian_prod char contiguous double flatten float half int long
    nn.functional.alpha_dropout nn.functional.dropout nn.functional.dropout2d nn.functional.dropout3d
    nn.functional.feature_alpha_dropout__with_train ravel reshape reshape_as short to
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
    __rpow__ amax amin aminmax as_strided broadcast_tensors broadcast_to cdist cholesky cholesky_inverse
    cholesky_solve copysign dist exp exp2 expand expand_as expm1 float_power hypot index_reduce__amax
    index_reduce__amin index_reduce__prod linalg.cholesky linalg.cholesky_ex linalg.det linalg.eigh linalg.eigvalsh
    linalg.inv linalg.inv_ex linalg.lu_factor linalg.lu_factor_ex linalg.lu_solve linalg.matrix_norm linalg.norm
    linalg.norm__subgradients_at_zero linalg.pinv linalg.pinv__hermitian linalg.pinv__singular linalg.qr linalg.solve
    linalg.solve_ex linalg.solve_triangular linalg.svd linalg.svdvals linalg.tensorinv linalg.tensorsolve
    ldexp linalg.vector_norm log_softmax log_softmax__with_dtype logcumsumexp logsumexp lu lu_solve masked.amax masked.amin
    masked.log_softmax masked.logsumexp masked.norm masked.softmax masked.softmin masked.std max__reduction_no_dim
    median meshgrid__list_of_tensors meshgrid__variadic_tensors min__reduction_no_dim nanmedian
    nn.functional.embedding_bag nn.functional.pairwise_distance
    nn.functional.pdist nn.functional.relu nn.functional.scaled_dot_product_attention
    nn.functional.softmin nn.functional.softmin__with_dtype norm norm__fro norm__inf pinverse pow qr reciprocal rsqrt
    scatter_reduce__amax scatter_reduce__amin scatter_reduce__prod sigmoid softmax softmax__with_dtype special.erfcx
    special.i0e special.i1 special.i1e special.ndtri sqrt std std__unbiased std_mean std_mean__unbiased svd tan tanh
    triangular_solve unfold
  `),
);
