type Gaps = { readonly [file: string]: string };

/** Files with cases that are known to fail on every device, each with its reason. A run fails on any other. */
const everywhere: Gaps = {
  "ops/as_strided_scatter": "PyTorch lets the overwritten elements' gradient through and stops that of the others",
  "ops_float64/as_strided_scatter": "as in ops/as_strided_scatter",
};
const onDevice: { readonly [device: string]: Gaps } = {
  webgpu: {
    "ops/long": "asks for int64, which the device has not: a DTypeError that says so",
    "ops_bool/long": "as in ops/long",
    "ops_int32/long": "as in ops/long",
    "ops_int64/long": "as in ops/long",
    "ops_uint8/long": "as in ops/long",
  },
};

/** The files of which a device is known to fail cases, with the reasons. */
export const knownGaps = (device: string): Gaps => ({ ...everywhere, ...onDevice[device] });
