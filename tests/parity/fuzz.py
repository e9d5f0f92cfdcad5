"""Random templates: expressions by a grammar, statements by a grammar, and broken texts."""
import random
import re
from statements import LEX, LOOP, ITER
from tables import FILTERS, METHODS, OTHER_METHODS, TESTS
from world import NUMBERS, TEXTS, VALUES

LEAVES = ["n", "neg", "zero", "f", "s", "none", "t", "big", "l", "e", "u", "d", "html", "text", "words", "mixed", "floats",
          "users", "rows", "missing", "d.b", "users[0]", "loop", "tree"]
BINARY = ["+", "-", "*", "/", "//", "%", "~", "==", "!=", "<", ">", "<=", ">=", "in", "not in", "and", "or"]
FORMATS = ["{}", "{:>8}", "{!r}", "{0}{1}", "{:,}", "{:.2f}", "{:05}", "{a}", "%s", "%r", "%05d", "%.2f", "%(a)s", "%-6s|", "{:x}"]


class Maker:
    def __init__(self, seed):
        self.r = random.Random(seed)

    def pick(self, items):
        return items[self.r.randrange(len(items))]

    def number(self):
        r = self.r.random()
        if r < 0.5:
            return str(self.r.randrange(-3, 12))
        if r < 0.6:
            return str(self.r.randrange(1 << self.r.randrange(1, 90)))
        if r < 0.8:
            return repr(round(self.r.uniform(-100, 100), self.r.randrange(0, 6)))
        return self.pick(NUMBERS)

    def text(self):
        if self.r.random() < 0.5:
            return self.pick(TEXTS)
        chars = "ab cX1.,-_<&\"%{}\\n\u00e4\u00df\u20ac\u0130\U0001F600\u00a0"
        return repr("".join(self.pick(chars) for _ in range(self.r.randrange(8))).replace("{{", "").replace("{%", "")
                    .replace("}}", "").replace("%}", ""))

    def leaf(self):
        r = self.r.random()
        if r < 0.35:
            return self.pick(LEAVES)
        if r < 0.55:
            return self.number()
        if r < 0.75:
            return self.text()
        v = self.pick(VALUES)
        return v if re.fullmatch(r"[\w.]+|'[^']*'|\[.*\]|\{.*\}", v) else "(%s)" % v

    def args(self, forms, depth):
        form = self.pick(forms)
        if self.r.random() < 0.25 and form:  # one argument of another type
            parts = re.split(r"(?<=[(,]) ?[^,()\[\]{}=']+(?=[,)]|$)", form, 1)
            if len(parts) == 2:
                return parts[0] + self.expr(depth - 2) + parts[1]
        return form

    def expr(self, depth):
        if depth <= 0 or self.r.random() < 0.1:
            return self.leaf()
        kind = self.r.randrange(100)
        sub = lambda: self.expr(depth - 1 - self.r.randrange(2))  # noqa: E731
        if kind < 20:
            a, op, b = sub(), self.pick(BINARY), sub()
            text = "%s %s %s" % (a, op, b)
            return text if self.r.random() < 0.5 else "(%s)" % text
        if kind < 23:
            return "%s ** %s" % (sub(), self.pick(["0", "1", "2", "3", "-1", "-2", "0.5", "true"]))
        if kind < 48:
            f = self.pick(sorted(FILTERS))
            return "%s|%s%s" % (self.operand(sub()), f, self.args(FILTERS[f], depth))
        if kind < 56:
            t = self.pick(sorted(TESTS))
            return "%s is %s%s%s" % (self.operand(sub()), self.pick(["", "", "not "]), t, self.args(TESTS[t], depth))
        if kind < 68:
            m = self.pick(sorted(METHODS))
            return "%s.%s(%s)" % (self.operand(sub()), m, self.args(METHODS[m], depth))
        if kind < 73:
            receivers, table = self.pick(OTHER_METHODS)
            m = self.pick(sorted(table))
            return "%s.%s(%s)" % (self.operand(self.pick([self.pick(receivers), sub()])), m, self.args(table[m], depth))
        if kind < 78:
            return "%s[%s]" % (self.operand(sub()), self.pick([sub, self.slice])())
        if kind < 84:
            return "[%s]" % ", ".join(sub() for _ in range(self.r.randrange(4)))
        if kind < 87:
            return "(%s,)" % ", ".join(sub() for _ in range(1 + self.r.randrange(3)))
        if kind < 91:
            return "{%s}" % ", ".join("%s: %s" % (self.leaf(), sub()) for _ in range(self.r.randrange(3)))
        if kind < 94:
            return "(%s if %s else %s)" % (sub(), sub(), sub())
        if kind < 96:
            return "%s%s" % (self.pick(["not ", "-", "+"]), sub())
        if kind < 98:
            f = self.pick(FORMATS)
            return ("'%s'.format(%s, a=%s)" if "{" in f else "'%s' %% (%s, %s)") % (f, sub(), sub())
        return self.pick(["rec(%s, *%s)", "dict(a=%s, b=%s)", "cents(%s, %s)", "pick([%s, %s])", "rec(%s, **%s)", "listing(%s, x=%s)"]) % (sub(), sub())

    def operand(self, text):
        return text if re.fullmatch(r"[\w.]+", text) or self.r.random() < 0.1 else "(%s)" % text

    def slice(self):
        part = lambda: self.pick(["", "", "1", "-1", "2", "0", "-3", self.number()])  # noqa: E731
        return "%s:%s%s" % (part(), part(), self.pick(["", ":2", ":-1"]))

    def expression(self):
        return self.pick(["{{ %s }}"] * 9 + ["{%% if %s %%}y{%% endif %%}"]) % self.expr(1 + self.r.randrange(4))

    # ---- statements

    def name(self):
        return self.pick(["a", "b", "c", "n", "l", "ns.v", "a", "b"])

    def body(self, depth):
        return "".join(self.statement(depth - 1) for _ in range(1 + self.r.randrange(3)))

    def mark(self):
        return self.pick(["", "", "", "-", "+"])

    def tag(self, text):
        return "{%%%s %s %s%%}" % (self.mark(), text, self.mark())

    def statement(self, depth):
        kind = self.r.randrange(20) if depth > 0 else self.r.randrange(8)
        e = lambda: self.expr(self.r.randrange(3))  # noqa: E731
        if kind < 2:
            return self.pick([" ", "x", "\n", " text ", "\t\n ", "<", "\r\n", "\u00a0"])
        if kind < 6:
            return "{{ %s }}" % self.pick([self.name(), self.name(), "loop." + self.pick(LOOP), e(), "caller()", "self.k()", "dbt_macro__m(%s)" % self.name()])
        if kind < 8:
            return self.tag("set %s = %s" % (self.pick([self.name(), "a, b"]), self.pick([e(), self.name(), "a ~ 'x'", "namespace(v=1)", "(a, b)"])))
        if kind < 10:
            other = self.pick(["", self.tag("else") + self.body(depth), self.tag("elif " + e()) + self.body(depth)])
            return self.tag("if " + self.pick([e(), self.name(), "loop.first"])) + self.body(depth) + other + self.tag("endif")
        if kind < 13:
            more = self.pick(["", "", " if " + self.pick([e(), "a", "loop"]), " recursive"])
            other = self.pick(["", "", self.tag("else") + self.body(depth)])
            jump = self.pick(["", "", "", "{% if loop.index > 1 %}{% break %}{% endif %}", "{% if loop.first %}{% continue %}{% endif %}", "{% break %}"])
            return (self.tag("for %s in %s%s" % (self.pick(["a", "b", "x", "a, b", "loop", "n"]), self.pick(ITER), more)) + self.body(depth) + jump
                    + self.body(depth) + other + self.tag("endfor"))
        if kind < 14:
            return self.tag("set " + self.pick(["a", "b", "a | upper", "c|trim|length"])) + self.body(depth) + self.tag("endset")
        if kind < 15:
            return self.tag("with " + self.pick(["", "a = b", "a = 1, b = a", "c = l"])) + self.body(depth) + self.tag("endwith")
        if kind < 16:
            return self.tag("filter " + self.pick(["upper", "trim", "indent(2)", "e", "length", "replace('x', a)"])) + self.body(depth) + self.tag("endfilter")
        if kind < 17:
            return self.tag("macro m(%s)" % self.pick(["", "a", "a, b=a", "a=n, b=1"])) + self.body(depth) + self.tag("endmacro")
        if kind < 18:
            return self.tag("call%s %s(%s)" % (self.pick(["", "(a)", "(a, b=2)"]), self.pick(["dbt_macro__m", "framed", "rec"]), self.pick(["", e()]))) + self.body(depth) + self.tag("endcall")
        if kind < 19:
            return self.tag("block %s%s" % (self.pick(["k", "j", "i"]), self.pick(["", " scoped"]))) + self.body(depth) + self.tag("endblock")
        return self.pick([self.tag("do " + self.pick(["l.append(n)", "ns.v", e(), "d.update(q=1)"])), self.tag("autoescape true") + self.body(depth) + self.tag("endautoescape"),
                          "{# c #}", "{%%%s raw %s%%} {{ r }} {%%%s endraw %s%%}" % (self.mark(), self.mark(), self.mark(), self.mark()), self.tag("print " + e())])

    def template(self):
        pre = self.pick(["", "", "{% set ns = namespace(v=0) %}", "{% set a = 1 %}{% set ns = namespace(v=a) %}",
                         "{% macro m(a, b=2) %}[{{ a }}{{ b }}{{ varargs }}]{% endmacro %}", "{% macro m() %}<{{ caller(1) }}{{ a }}>{% endmacro %}"])
        return pre + "".join(self.statement(3) for _ in range(1 + self.r.randrange(4))) + self.pick(["", "|{{ a }}{{ b }}{{ n }}{{ l }}"])

    # ---- broken texts

    def broken(self):
        text = self.pick([self.template, self.expression])()
        tokens = re.findall(r"\s+|\w+|\{%[-+]?|[-+]?%\}|\{\{-?|-?\}\}|\{#-?|-?#\}|'[^']*'|.", text, re.S)
        for _ in range(1 + self.r.randrange(3)):
            i = self.r.randrange(len(tokens))
            how = self.r.randrange(6)
            if how == 0:
                del tokens[i]
            elif how == 1:
                tokens.insert(i, self.pick(tokens))
            elif how == 2:
                tokens[i] = self.pick(tokens)
            elif how == 3:
                tokens.insert(i, self.pick(["\n", " \n ", "\r\n", "{%", "%}", "{{", "}}", "'", "\"", "#}", "{#", "(", ")", ",", "|", ".", "=", "-", "if", "in", "endif", "endfor", "is", "not", "[", "]", ":", "**", "~", "else", "$", "\\", "0", "1.", "&"]))
            elif how == 4:
                j = self.r.randrange(len(tokens))
                tokens[i], tokens[j] = tokens[j], tokens[i]
            else:
                del tokens[i:]
            if not tokens:
                break
        # line breaks everywhere, since it is lines that are compared
        return "".join(t.replace(" ", "\n") if t.isspace() and self.r.random() < 0.4 else t for t in tokens)


def cases(seed, count):
    m = Maker(seed)
    for i in range(count):
        kind = "TTTTTTLNK"[m.r.randrange(9)]
        which = i % 10
        if which < 7:
            yield "random expression", kind, m.expression()
        elif which < 9:
            yield "random statements", kind, m.template()
        else:
            yield "broken", kind, m.broken()


__all__ = ["cases", "LEX"]
