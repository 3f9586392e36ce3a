"""Let Numba emit WebAssembly: in this process its one CPU is wasm32 instead of the host's.

Import this before anything of ``nnlab.engine``. What is compiled then cannot be run here.
"""

from __future__ import annotations

from typing import Any

import llvmlite.binding as llvm
from numba.core import codegen, cpu

TRIPLE = "wasm32-unknown-unknown"
# What every browser since 2023 has; vectors of two numbers (simd128) came to the last one then.
FEATURES = "+simd128,+nontrapping-fptoint,+bulk-memory,+sign-ext,+mutable-globals"


class _Library(codegen.AOTCodeLibrary):
    def get_pointer_to_function(self, name: str) -> int:
        self._ensure_finalized()
        return 0


class _Codegen(codegen.AOTCPUCodegen):
    _library_class = _Library

    def _init(self, llvm_module: Any) -> None:
        llvm.initialize_all_targets()
        llvm.initialize_all_asmprinters()
        self._tm_features = FEATURES
        self._tm = llvm.Target.from_triple(TRIPLE).create_target_machine(
            cpu="generic", features=FEATURES, opt=3, reloc="static", codemodel="default"
        )
        self._engine = None
        self._target_data = self._tm.target_data
        self._data_layout = str(self._target_data)
        self._loopvect, self._opt_level = False, 0

    def _create_empty_module(self, name: str) -> Any:
        module = super()._create_empty_module(name)
        module.triple = TRIPLE
        return module

    def set_env(self, env_name: str, env: Any) -> None:
        """Leave out the interpreter's address: there will be no interpreter."""


def _no_executable(self: Any, library: Any, fndesc: Any, env: Any) -> Any:
    library._ensure_finalized()
    return [].append  # something built in, another one each time: Numba uses it as a key


codegen.JITCPUCodegen = _Codegen
cpu.CPUContext.get_executable = _no_executable
