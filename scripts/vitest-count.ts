import type { Reporter, TestModule } from "vitest/node";

/** Ends the output with one line that people and machines can both read: `N passed, N failed`. */
export class CountReporter implements Reporter {
  #passed = 0;
  #failed = 0;

  onInit(): void {
    // At exit, because the other reporters still have lines to print when the run ends.
    process.once("exit", () => process.stdout.write(`${this.#passed} passed, ${this.#failed} failed\n`));
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    this.#passed = 0;
    this.#failed = unhandledErrors.length;
    for (const module of modules) this.#count(module);
    // A run that tested nothing has shown nothing.
    if (this.#failed > 0 || this.#passed === 0) process.exitCode = 1;
  }

  #count(module: TestModule): void {
    this.#failed += module.errors().length; // a file that could not be loaded
    for (const suite of module.children.allSuites()) this.#failed += suite.errors().length; // a hook that failed
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === "passed") this.#passed += 1;
      if (state === "failed") this.#failed += 1;
    }
  }
}
