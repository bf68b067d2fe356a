// Flambeau's side of the bench on an NVIDIA card.
import { cudaNative } from "@flambeau/backend-cuda-native";
import { randn, registerBackend, scaledDotProductAttention, setDefaultDevice, type Tensor, tidy } from "flambeau";
import { type Prepared, serve, type Workbench } from "../protocol.ts";
import { op as onDevice, training } from "./ours-device.ts";
import { gpt } from "./ours-gpt.ts";
import { cnn, mlp } from "./ours-models.ts";
import { flambeauVersion } from "./ours-version.ts";

const op = (call: () => Tensor): Prepared => onDevice(20, call);

function matmul(n: number, dtype: "float32" | "bfloat16" = "float32"): Prepared {
  const [a, b] = [randn([n, n]).to(dtype), randn([n, n]).to(dtype)];
  return op(() => a.matmul(b));
}
function convolution(): Prepared {
  const [x, w] = [randn([64, 64, 28, 28]), randn([64, 64, 3, 3])];
  return op(() => tidy(() => x.conv2d(w, undefined, { padding: 1 })));
}
function attention(): Prepared {
  const [q, k, v] = [0, 1, 2].map(() => randn([16, 8, 256, 64]));
  return op(() => tidy(() => scaledDotProductAttention(q, k, v, { isCausal: true })));
}

const workbench: Workbench = {
  add_8x8_us: () => {
    const [a, b] = [randn([8, 8]), randn([8, 8])];
    return op(() => a.add(b));
  },
  add_1e7_us: () => {
    const x = randn([10_000_000]);
    return op(() => x.add(x));
  },
  softmax_4096x1024_us: () => {
    const x = randn([4096, 1024]);
    return op(() => x.softmax(-1));
  },
  matmul_1024_us: () => matmul(1024),
  matmul_2048_us: () => matmul(2048),
  matmul_2048_bf16_us: () => matmul(2048, "bfloat16"),
  conv_64x64x28x28_us: convolution,
  attention_16x8x256x64_us: attention,
  mlp_ms: () => training(mlp()),
  cnn_ms: () => training(cnn()),
  gpt_d128_ms: () => training(gpt(128, 128, 4, 16)),
};

await serve(async () => {
  const { FLAMBEAU_CUDA_DRIVER: driver } = process.env;
  registerBackend(await cudaNative({ driver }));
  setDefaultDevice("cuda");
  return { version: flambeauVersion(), workbench };
});
