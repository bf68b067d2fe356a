import { nn, type Tensor } from "flambeau";

/** A small convolutional network for square grey images: two blocks of convolution, normalization and pooling, two linear layers. */
export class Network extends nn.Module {
  readonly features: nn.Sequential;
  readonly head: nn.Sequential;

  /** @param side of the images, in pixels; a multiple of 4 */
  constructor(side: number, classes: number) {
    super();
    this.features = new nn.Sequential(
      new nn.Conv2d(1, 16, 3, { padding: 1 }),
      new nn.BatchNorm2d(16),
      new nn.ReLU(),
      new nn.MaxPool2d(2),
      new nn.Conv2d(16, 32, 3, { padding: 1 }),
      new nn.BatchNorm2d(32),
      new nn.ReLU(),
      new nn.MaxPool2d(2),
    );
    this.head = new nn.Sequential(
      new nn.Flatten(),
      new nn.Linear(32 * (side / 4) ** 2, 64),
      new nn.ReLU(),
      new nn.Linear(64, classes),
    );
  }

  /** Scores `[N, classes]` of images `[N, 1, side, side]`. */
  forward(images: Tensor): Tensor {
    return this.head.forward(this.features.forward(images));
  }
}
