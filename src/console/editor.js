// The editor: CodeMirror inside of a shadow root, where its styles are style sheets of the root's own
// and need no permission of the page's policy.

import { EditorView, basicSetup } from "codemirror";
import { EditorState, Compartment, Prec, StateEffect, StateField } from "@codemirror/state";
import { keymap, Decoration } from "@codemirror/view";
import { sql, PostgreSQL, SQLDialect } from "@codemirror/lang-sql";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { tags } from "@lezer/highlight";

const dialect = SQLDialect.define({
  ...PostgreSQL.spec,
  keywords: PostgreSQL.spec.keywords + " qualify undefined option ilike describe",
  doubleDollarQuotedStrings: false,
});

const theme = EditorView.theme({
  "&": { backgroundColor: "transparent", color: "inherit", fontSize: "14px" },
  "&.cm-focused": { outline: "none" },
  ".cm-content": { fontFamily: "var(--mono)", caretColor: "var(--ink)", minHeight: "7em" },
  ".cm-gutters": { backgroundColor: "transparent", color: "var(--faint)", border: "none" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--line)" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--select) !important" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-tooltip": { backgroundColor: "var(--panel)", color: "var(--ink)", border: "1px solid var(--edge)" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--on-accent)" },
  ".cm-wrong": { textDecoration: "underline wavy var(--bad)", textUnderlineOffset: "3px" },
});

const colors = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--keyword)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--string)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--number)" },
  { tag: tags.comment, color: "var(--faint)", fontStyle: "italic" },
]);

// Where Chromium replaces colored text itself, it writes the color as a style attribute, which the
// page's policy forbids. Without a selection it has none to keep.
const plainReplacing = EditorView.domEventHandlers({
  beforeinput(e, view) {
    if (e.inputType.startsWith("insert") && !view.state.selection.main.empty && !view.composing)
      view.dispatch(view.state.replaceSelection(""), { userEvent: "input.type" });
    return false;
  },
});

const setMark = StateEffect.define();
const mark = StateField.define({
  create: () => Decoration.none,
  update(marks, tr) {
    for (const e of tr.effects) if (e.is(setMark)) return e.value;
    return tr.docChanged ? Decoration.none : marks;
  },
  provide: (f) => EditorView.decorations.from(f),
});

export class Editor {
  // schema: {collection: [field, ...]}; onRun, onChange: called with the text
  constructor(host, { text, label, onRun, onChange }) {
    const root = host.attachShadow({ mode: "open" });
    this.language = new Compartment();
    this.functions = [];
    this.view = new EditorView({
      root,
      parent: root,
      state: EditorState.create({
        doc: text,
        extensions: [
          Prec.highest(keymap.of([{ key: "Mod-Enter", run: () => { onRun(this.text); return true; } }])),
          basicSetup, plainReplacing, theme, syntaxHighlighting(colors), mark, EditorView.lineWrapping,
          EditorView.contentAttributes.of({ "aria-label": label }),
          this.language.of(sql({ dialect })),
          EditorView.updateListener.of((u) => { if (u.docChanged) onChange(this.text); }),
        ],
      }),
    });
  }

  get text() { return this.view.state.doc.toString(); }
  set text(t) { this.view.dispatch({ changes: { from: 0, to: this.view.state.doc.length, insert: t } }); }

  // What completion offers.
  complete(schema, functions) {
    const language = sql({ dialect, schema, defaultSchema: "commons" });
    const source = (context) => {
      const word = context.matchBefore(/\w+/);
      if (!word) return null;
      return { from: word.from, options: functions.map((f) => ({ label: f, type: "function", apply: f + "(" })) };
    };
    this.view.dispatch({ effects: this.language.reconfigure([language, dialect.language.data.of({ autocomplete: source })]) });
  }

  // Underlines the word at a place of the statement, 1-based; the cursor goes there.
  showError(line, column) {
    const doc = this.view.state.doc;
    if (line < 1 || line > doc.lines) return;
    const at = doc.line(line), from = Math.min(at.from + Math.max(column, 1) - 1, at.to);
    const word = /^\w+|^\S/.exec(doc.sliceString(from, at.to));
    const to = word ? from + word[0].length : from;
    const marks = to > from ? Decoration.set([Decoration.mark({ class: "cm-wrong" }).range(from, to)]) : Decoration.none;
    this.view.dispatch({ effects: [setMark.of(marks), EditorView.scrollIntoView(from)], selection: { anchor: from } });
  }

  clearError() { this.view.dispatch({ effects: setMark.of(Decoration.none) }); }
  focus() { this.view.focus(); }
  destroy() { this.view.destroy(); }
}
