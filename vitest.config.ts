import { defineConfig } from "vitest/config";
import { entries, root } from "./scripts/entries.js";
import { CountReporter } from "./scripts/vitest-count.js";

export default defineConfig({
  resolve: {
    // Tests import the published names, and get the sources.
    alias: entries.map(({ specifier, source }) => ({
      find: new RegExp(`^${specifier}$`),
      replacement: root + source,
    })),
  },
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/global-setup.ts"],
    reporters: ["verbose", new CountReporter()],
    testTimeout: 20_000,
    hookTimeout: 60_000, // starting a database counts as a hook
  },
});
