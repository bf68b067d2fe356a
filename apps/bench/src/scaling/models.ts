// The models of the steps that only these rows train, as a user writes them.
import { losses, nn, optim, randint, randn, scaledDotProductAttention, type Tensor } from "flambeau";
import type { Task } from "../rivals/ours-models.ts";

/** A language model of two LSTM layers, as PyTorch's word_language_model has them. */
class LanguageModel extends nn.Module {
  embedding = new nn.Embedding(1000, 200);
  recurrent = new nn.LSTM(200, 200, { numLayers: 2 });
  head = new nn.Linear(200, 1000);

  forward(ids: Tensor): Tensor {
    return this.head.forward(this.recurrent.forward(this.embedding.forward(ids))[0]);
  }
}

export function lstmLanguageModel(): Task {
  const model = new LanguageModel();
  const [x, y] = [randint(0, 1000, [35, 20]), randint(0, 1000, [700])];
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
  return { optimizer, loss: () => losses.crossEntropy(model.forward(x).view([-1, 1000]), y) };
}

export function gru(): Task {
  const [recurrent, head] = [new nn.GRU(64, 128), new nn.Linear(128, 10)];
  const [x, y] = [randn([50, 32, 64]), randint(0, 10, [32])];
  const optimizer = new optim.Adam([...recurrent.parameters(), ...head.parameters()]);
  return { optimizer, loss: () => losses.crossEntropy(head.forward(recurrent.forward(x)[0].select(0, -1)), y) };
}

const halved = { stride: 2, padding: 1, bias: false };

export function discriminator(): Task {
  const model = new nn.Sequential(
    new nn.Conv2d(3, 64, 4, halved),
    new nn.LeakyReLU(0.2),
    new nn.Conv2d(64, 128, 4, halved),
    new nn.BatchNorm2d(128),
    new nn.LeakyReLU(0.2),
    new nn.Conv2d(128, 256, 4, halved),
    new nn.BatchNorm2d(256),
    new nn.LeakyReLU(0.2),
    new nn.Conv2d(256, 1, 4, { bias: false }),
    new nn.Flatten(),
  );
  const [x, y] = [randn([16, 3, 32, 32]), randint(0, 2, [16, 1]).to("float32")];
  const optimizer = new optim.Adam(model.parameters(), { lr: 2e-4 });
  return { optimizer, loss: () => losses.bceWithLogits(model.forward(x), y) };
}

export function generator(): Task {
  const model = new nn.Sequential(
    new nn.ConvTranspose2d(64, 256, 4, { bias: false }),
    new nn.BatchNorm2d(256),
    new nn.ReLU(),
    new nn.ConvTranspose2d(256, 128, 4, halved),
    new nn.BatchNorm2d(128),
    new nn.ReLU(),
    new nn.ConvTranspose2d(128, 64, 4, halved),
    new nn.BatchNorm2d(64),
    new nn.ReLU(),
    new nn.ConvTranspose2d(64, 3, 4, halved),
    new nn.Tanh(),
  );
  const [x, y] = [randn([16, 64, 1, 1]), randn([16, 3, 32, 32])];
  const optimizer = new optim.Adam(model.parameters(), { lr: 2e-4 });
  return { optimizer, loss: () => losses.mse(model.forward(x), y) };
}

/** An encoder layer whose norms follow the sums, as the first transformers had them. */
class EncoderLayer extends nn.Module {
  norm1 = new nn.LayerNorm(256);
  norm2 = new nn.LayerNorm(256);
  qkv = new nn.Linear(256, 768);
  projection = new nn.Linear(256, 256);
  up = new nn.Linear(256, 1024);
  down = new nn.Linear(1024, 256);

  forward(x: Tensor): Tensor {
    const [batch, time, width] = x.shape;
    const heads = this.qkv.forward(x).split(width, 2);
    const [q, k, v] = heads.map((part) => part.view([batch, time, 4, width / 4]).transpose(1, 2));
    const mixed = scaledDotProductAttention(q, k, v).transpose(1, 2).reshape([batch, time, width]);
    const attended = this.norm1.forward(x.add(this.projection.forward(mixed)));
    return this.norm2.forward(attended.add(this.down.forward(this.up.forward(attended).relu())));
  }
}

export function encoderLayer(): Task {
  const model = new EncoderLayer();
  const [x, y] = [randn([8, 128, 256]), randn([8, 128, 256])];
  return { optimizer: new optim.Adam(model.parameters()), loss: () => losses.mse(model.forward(x), y) };
}

const convolution = (from: number, to: number, size: number, stride = 1) =>
  new nn.Conv2d(from, to, size, { stride, padding: size >> 1, bias: false });

/** The third stage of ResNet-18: two blocks, of which the first halves the image and doubles the channels. */
class Residual extends nn.Module {
  conv1 = convolution(64, 128, 3, 2);
  norm1 = new nn.BatchNorm2d(128);
  conv2 = convolution(128, 128, 3);
  norm2 = new nn.BatchNorm2d(128);
  shortcut = convolution(64, 128, 1, 2);
  shortcutNorm = new nn.BatchNorm2d(128);
  conv3 = convolution(128, 128, 3);
  norm3 = new nn.BatchNorm2d(128);
  conv4 = convolution(128, 128, 3);
  norm4 = new nn.BatchNorm2d(128);

  forward(x: Tensor): Tensor {
    const first = this.norm2.forward(this.conv2.forward(this.norm1.forward(this.conv1.forward(x)).relu()));
    const y = first.add(this.shortcutNorm.forward(this.shortcut.forward(x))).relu();
    return this.norm4
      .forward(this.conv4.forward(this.norm3.forward(this.conv3.forward(y)).relu()))
      .add(y)
      .relu();
  }
}

export function residualBlock(): Task {
  const model = new Residual();
  const x = randn([8, 64, 32, 32]);
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.01, momentum: 0.9 });
  return { optimizer, loss: () => model.forward(x).mean() };
}
