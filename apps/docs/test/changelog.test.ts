import { expect, test } from "vitest";
import { pageOf } from "../src/site/changelog.ts";

const tensor = `# @flambeau/tensor

## 0.10.0

### Minor Changes

- 1a2b3c4: \`sinc\` is there.

  \`\`\`ts
  x.sinc();
  \`\`\`

- 5d6e7f8: Both packages have this.

### Patch Changes

- Updated dependencies [1a2b3c4]
  - @flambeau/expr@0.10.0

## 0.9.0

### Patch Changes

- 9a8b7c6: Sums are right.
`;
const nn = `# @flambeau/nn

## 0.10.0

### Major Changes

- aaaaaaa: \`Linear\` is gone.

### Minor Changes

- 5d6e7f8: Both packages have this.
`;

test("behind a release the page shows what the packages' lists say, the newest version first, each change once", () => {
  expect(pageOf([], [tensor, nn])).toBe(`# Changes

## 0.10.0

### What breaks

- \`Linear\` is gone.

### What is new

- \`sinc\` is there.

  \`\`\`ts
  x.sinc();
  \`\`\`

- Both packages have this.

## 0.9.0

### What is mended

- Sums are right.

`);
});

test("what waits for the next version stands above it", () => {
  const page = pageOf(['---\n"@flambeau/nn": minor\n---\n\nNew\nlines.\n'], [tensor]);
  expect(page).toContain(
    "# Changes\n\nWhat has come since the last published version.\n\n## What is new\n\n- New\n  lines.\n\n## 0.10.0\n",
  );
});
