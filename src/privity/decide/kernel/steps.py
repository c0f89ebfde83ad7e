# SPDX-License-Identifier: Apache-2.0
"""Steps of loops that Python has no word for; whoever imports this loads numba."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic


def _prefetch(typing: Any, array: Any, place: Any) -> Any:
    """Ask for the line of memory at `array[place]`, of one dimension or two, and go on without it.

    The processor waits for a load that it needs; for a line that was asked for long enough before, it
    does not. No place is checked, and none can fail.
    """
    del typing

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kind = signature.args[0]
        held = context.make_array(kind)(context, builder, arguments[0])
        row = context.cast(builder, arguments[1], signature.args[1], types.intp)
        zeros = [context.get_constant(types.intp, 0)] * (kind.ndim - 1)
        address = cgutils.get_item_pointer(  # type: ignore[no-untyped-call] # numba has no types
            context, builder, kind, held, [row, *zeros], wraparound=False
        )
        pointer = ir.IntType(8).as_pointer()
        number = ir.IntType(32)
        callee = cgutils.get_or_insert_function(  # type: ignore[no-untyped-call] # the same
            builder.module,
            ir.FunctionType(ir.VoidType(), [pointer, number, number, number]),
            "llvm.prefetch.p0i8",
        )
        read, keep, data = (ir.Constant(number, value) for value in (0, 3, 1))
        builder.call(callee, [builder.bitcast(address, pointer), read, keep, data])
        return context.get_dummy_value()

    return types.void(array, place), generate


prefetch: Any = intrinsic(_prefetch)


def _byte_at(context: Any, builder: Any, kind: Any, data: Any, place: Any) -> Any:
    return builder.gep(context.make_array(kind)(context, builder, data).data, [place])


def _load_word(typing: Any, data: Any, place: Any) -> Any:
    """Give the eight bytes from `data[place]` on as one number; they need not lie evenly. No place is checked."""
    del typing

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        at = context.cast(builder, arguments[1], signature.args[1], types.intp)
        address = _byte_at(context, builder, signature.args[0], arguments[0], at)
        return builder.load(builder.bitcast(address, ir.IntType(64).as_pointer()), align=1)

    return types.uint64(data, place), generate


load_word: Any = intrinsic(_load_word)


def _copy_bytes(typing: Any, to: Any, start: Any, data: Any, first: Any, length: Any) -> Any:
    """Copy `length` bytes from `data[first]` on to `to[start]` on, which is another array. No place is checked."""
    del typing

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kinds = signature.args
        at, begin, size = (
            context.cast(builder, arguments[one], kinds[one], types.intp) for one in (1, 3, 4)
        )
        cgutils.raw_memcpy(  # type: ignore[no-untyped-call] # numba has no types
            builder,
            _byte_at(context, builder, kinds[0], arguments[0], at),
            _byte_at(context, builder, kinds[2], arguments[2], begin),
            size,
            1,
        )
        return context.get_dummy_value()

    return types.void(to, start, data, first, length), generate


copy_bytes: Any = intrinsic(_copy_bytes)
