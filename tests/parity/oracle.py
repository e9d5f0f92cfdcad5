"""Jinja2 as dbt-core sets it up: what a template gives there.

Runs in dbt's own Python environment. A case is (kind, template): kind T text, N native, L and K the
same with dbt's parse-time Undefined. The answer is ("=", text), ("!", message, line) with the line
of a syntax error, else None, or ("?", why) where Jinja2 itself gave up for want of time or memory.
"""
import json
import resource
import signal
import warnings
from argparse import Namespace

import dbt.flags

dbt.flags.set_from_args(Namespace(MACRO_DEBUGGING=False), None)

import dbt.clients.jinja as dbt_jinja  # noqa: E402 (wants its flags set)
import jinja2  # noqa: E402
from dbt.exceptions import MacroReturn  # noqa: E402

MEMORY = 3 << 30
SECONDS = 1


class Slow(BaseException):
    pass


def leave(value):
    raise MacroReturn(value)


def rec(*args, **kwargs):
    return list(args), kwargs


class Oracle:
    def __init__(self, context, macros):
        """context: JSON text; macros: {name: text of the macro}."""
        warnings.simplefilter("ignore")
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, resource.RLIM_INFINITY))
        signal.signal(signal.SIGALRM, self.slow)
        self.context = context
        self.macros = [Namespace(name=name, macro_sql=text, unique_id="macro.x." + name, package_name="x",
                                 resource_type="macro", path=name, original_file_path=name)
                       for name, text in macros.items()]
        self.env = {
            kind: dbt_jinja.get_environment(None, capture_macros=kind in "LK", native=kind in "NK")
            for kind in "TNLK"}

    @staticmethod
    def slow(*_):
        raise Slow()

    def fresh(self):
        context = json.loads(self.context)
        context["rec"] = rec
        context["return"] = leave
        for m in self.macros:
            context[m.name] = dbt_jinja.MacroGenerator(m, context)
        return context

    def render(self, kind, text):
        # dbt's shortcut (get_rendered)
        if kind in "TL" and not dbt_jinja._HAS_RENDER_CHARS_PAT.search(text):
            return text
        context = self.fresh()
        template = self.env[kind].from_string(text, globals=context)
        value = template.render(context)
        return repr(value) if kind in "NK" else value

    def __call__(self, kind, text):
        signal.alarm(SECONDS)
        try:
            return "=", self.render(kind, text)
        except jinja2.TemplateSyntaxError as e:
            return "!", e.message or "", e.lineno
        except (MemoryError, Slow, RecursionError) as e:
            return "?", type(e).__name__
        except (Exception, MacroReturn) as e:  # the latter is no Exception
            return "!", "%s: %s" % (type(e).__name__, e), None
        finally:
            signal.alarm(0)
