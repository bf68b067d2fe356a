import { ArgumentError, Generator } from "@flambeau/tensor/functional";
import { checkInteger, show } from "@flambeau/tensor/plugin";

const word = 2n ** 64n;
/** The mixing of SplitMix64: Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014. */
function mixed(x: bigint): bigint {
  let z = (x + 0x9e3779b97f4a7c15n) % word;
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) % word;
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) % word;
  return z ^ (z >> 31n);
}

/**
 * The generator of one sample in one epoch: started from `mix(mix(mix(seed) + epoch) + index)`. What a random transform draws from it depends on these
 * three alone, and not on the order in which samples are made, on who makes them or on how many workers there are.
 *
 * Shapes: it is drawn from for images of any shape.
 *
 * @throws ArgumentError when the seed is no integer, or epoch and index are no non-negative ones.
 * @see Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014
 * @example
 * const flip = new RandomHorizontalFlip();
 * const image = tensor([[[1, 2, 3]]]);
 * const twice = [0, 1].map(() => flip.forward(image, { generator: sampleGenerator(0, 3, 17) }));
 * twice[0].equal(twice[1]); // true
 */
export function sampleGenerator(seed: number | bigint, epoch: number, index: number): Generator {
  const op = "sampleGenerator";
  if (typeof seed !== "bigint" && !Number.isSafeInteger(seed))
    throw new ArgumentError(op, `seed must be an integer, got ${show(seed)}`);
  checkInteger(op, "epoch", epoch, 0);
  checkInteger(op, "index", index, 0);
  const start = mixed(BigInt.asUintN(64, BigInt(seed)));
  return new Generator(mixed(mixed(start + BigInt(epoch)) + BigInt(index)));
}
