// The editor of a program: numbered lines, colours, and a mark at the line of an error.
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { javascript } from "@codemirror/lang-javascript";
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { EditorState, StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, drawSelection, EditorView, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], color: "var(--code-keyword)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--code-string)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--code-number)" },
  { tag: tags.comment, color: "var(--code-comment)", fontStyle: "italic" },
  { tag: [tags.function(tags.variableName), tags.function(tags.propertyName)], color: "var(--code-function)" },
  { tag: [tags.typeName, tags.className], color: "var(--code-type)" },
]);

const look = EditorView.theme({
  "&": { backgroundColor: "transparent", color: "var(--vp-c-text-1)", fontSize: "var(--vp-code-font-size)" },
  "&.cm-focused": { outline: "2px solid var(--vp-c-brand-1)", outlineOffset: "-2px" },
  ".cm-scroller": { fontFamily: "var(--vp-font-family-mono)", lineHeight: "1.65", maxHeight: "34rem" },
  ".cm-content": { padding: "0.9rem 0", caretColor: "var(--vp-c-brand-1)" },
  ".cm-gutters": { backgroundColor: "transparent", color: "var(--code-comment)", border: "0", paddingLeft: "0.5rem" },
  ".cm-cursor": { borderLeftColor: "var(--vp-c-brand-1)" },
  ".cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground": {
    backgroundColor: "var(--selection)",
  },
  ".cm-wrong": { backgroundColor: "var(--vp-c-danger-soft)", boxShadow: "inset 3px 0 var(--vp-c-danger-1)" },
});

const setWrong = StateEffect.define<number | undefined>();
const wrongLine = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, { effects, changes, state }) {
    for (const effect of effects) {
      if (!effect.is(setWrong)) continue;
      if (effect.value === undefined || effect.value > state.doc.lines) return Decoration.none;
      return Decoration.set([Decoration.line({ class: "cm-wrong" }).range(state.doc.line(effect.value).from)]);
    }
    return marks.map(changes);
  },
  provide: (field) => EditorView.decorations.from(field),
});

export interface Editor {
  /** The program as it stands. */
  code: string;
  /** Marks a line, from 1, and brings it into view; undefined takes the mark away. */
  mark(line: number | undefined): void;
  focus(): void;
  destroy(): void;
}

/** @param run is called for Ctrl+Enter and Cmd+Enter */
export function createEditor(parent: HTMLElement, code: string, label: string, run: () => void): Editor {
  const ran = () => {
    run();
    return true;
  };
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: code,
      extensions: [
        lineNumbers(),
        history(),
        drawSelection(),
        indentOnInput(),
        bracketMatching(),
        javascript({ typescript: true }),
        syntaxHighlighting(colours),
        look,
        wrongLine,
        EditorView.contentAttributes.of({ "aria-label": label }),
        // the tabulator stays with the page: from the keyboard one leaves the editor as one came
        keymap.of([{ key: "Mod-Enter", run: ran }, ...defaultKeymap, ...historyKeymap]),
      ],
    }),
  });
  // it scrolls, so it must be reached from the keyboard
  view.scrollDOM.tabIndex = 0;
  return {
    get code() {
      return view.state.doc.toString();
    },
    set code(text) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
    },
    mark(line) {
      view.dispatch({ effects: setWrong.of(line) });
      if (line === undefined || line > view.state.doc.lines) return;
      view.dispatch({
        effects: EditorView.scrollIntoView(view.state.doc.line(line).from, { y: "nearest", yMargin: 40 }),
      });
    },
    focus: () => view.focus(),
    destroy: () => view.destroy(),
  };
}
