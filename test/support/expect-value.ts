import { inspect } from "node:util";
import ts from "typescript";

/**
 * Compares a value with how an example's comment writes it: numbers to the digits written, arrays and typed arrays element by
 * element, objects in the fields written, anything else (as a tensor) by its text.
 * @throws Error that shows both when they differ
 */
export function expectValue(value: unknown, written: string): void {
  const expression = literal(written);
  if (text(value) === flat(written) || (expression && matches(value, expression))) return;
  if (truncated.test(written) && String(value).startsWith(written.slice(0, -3))) return;
  throw new Error(
    `the example promises\n  ${written}\nbut gives\n  ${isTensor(value) ? String(value) : inspect(value)}`,
  );
}

/** Whether a comment behind a statement is a value, to be compared, rather than prose. */
export const isValue = (comment: string): boolean =>
  literal(comment) !== undefined || /^tensor\(/.test(comment) || truncated.test(comment);

/** A number whose further digits are left out, as `1000.693...`. */
const truncated = /^-?\d+\.\d+\.\.\.$/;

const flat = (s: string) => s.replace(/\s+/g, " ").trim();
const isTensor = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "dtype" in value && "strides" in value;
const text = (value: unknown) => flat(isTensor(value) || typeof value === "string" ? String(value) : inspect(value));

const constants: Record<string, unknown> = { undefined, NaN: Number.NaN, Infinity: Number.POSITIVE_INFINITY };

/** The comment as an expression of nothing but literals; undefined when it is anything else. */
function literal(comment: string): ts.Expression | undefined {
  const source = ts.createSourceFile("value.ts", `(${comment})`, ts.ScriptTarget.Latest, true);
  const [statement, ...more] = source.statements;
  // parse errors are kept on the source file, in a field that the declarations leave out
  const { parseDiagnostics } = source as ts.SourceFile & { parseDiagnostics: readonly unknown[] };
  if (!statement || more.length || parseDiagnostics.length || !ts.isExpressionStatement(statement)) return undefined;
  const { expression } = statement;
  return ts.isParenthesizedExpression(expression) && isLiteral(expression.expression)
    ? expression.expression
    : undefined;
}

function isLiteral(node: ts.Expression): boolean {
  if (ts.isArrayLiteralExpression(node)) return node.elements.every(isLiteral);
  if (ts.isObjectLiteralExpression(node)) {
    return node.properties.every((field) => ts.isPropertyAssignment(field) && isLiteral(field.initializer));
  }
  if (ts.isPrefixUnaryExpression(node)) return node.operator === ts.SyntaxKind.MinusToken && isLiteral(node.operand);
  if (ts.isIdentifier(node)) return Object.hasOwn(constants, node.text);
  return (
    ts.isNumericLiteral(node) ||
    ts.isBigIntLiteral(node) ||
    ts.isStringLiteral(node) ||
    node.kind === ts.SyntaxKind.TrueKeyword ||
    node.kind === ts.SyntaxKind.FalseKeyword ||
    node.kind === ts.SyntaxKind.NullKeyword
  );
}

function matches(value: unknown, node: ts.Expression): boolean {
  if (ts.isArrayLiteralExpression(node)) {
    const items = ArrayBuffer.isView(value) && Symbol.iterator in value ? [...(value as Iterable<unknown>)] : value;
    return (
      Array.isArray(items) &&
      items.length === node.elements.length &&
      node.elements.every((element, i) => matches(items[i], element))
    );
  }
  if (ts.isObjectLiteralExpression(node)) {
    if (typeof value !== "object" || value === null) return false;
    const fields = value as Record<string, unknown>;
    return node.properties.every(
      (field) =>
        ts.isPropertyAssignment(field) &&
        matches(fields[ts.isStringLiteral(field.name) ? field.name.text : field.name.getText()], field.initializer),
    );
  }
  if (ts.isIdentifier(node)) return Object.is(value, constants[node.text]);
  if (ts.isStringLiteral(node)) return value === node.text;
  if (node.kind === ts.SyntaxKind.TrueKeyword) return value === true;
  if (node.kind === ts.SyntaxKind.FalseKeyword) return value === false;
  if (node.kind === ts.SyntaxKind.NullKeyword) return value === null;
  return number(value, node.getText());
}

/** A number as written: equal when it is an integer without a point, else within half a unit of the last digit written. */
function number(value: unknown, written: string): boolean {
  const digits = written.replaceAll("_", "");
  if (typeof value === "bigint") return digits.endsWith("n") && String(value) === digits.slice(0, -1);
  const numeric = Number(digits.replace("-Infinity", `${Number.NEGATIVE_INFINITY}`));
  if (typeof value !== "number") return false;
  if (value === numeric) return true;
  const [mantissa = "", exponent = "0"] = digits.toLowerCase().split("e");
  const decimals = mantissa.split(".")[1]?.length;
  if (decimals === undefined && !digits.includes("e")) return false;
  return Math.abs(value - numeric) <= 0.5000001 * 10 ** (Number(exponent) - (decimals ?? 0));
}
