import { defineConfig } from "vitest/config";
import { entries, root } from "./scripts/entries.js";
import { CountReporter } from "./scripts/vitest-count.js";

const unitTests = [
  "test/base/**/*.test.ts",
  "test/bench/framework/**/*.test.ts",
  "test/model/codec/**/*.test.ts",
  "test/testing/history-*.test.ts",
  "test/storage/json.test.ts",
  "test/contract/memory.test.ts",
];

export default defineConfig({
  resolve: {
    // Tests import the published names, and get the sources.
    alias: entries.map(({ specifier, source }) => ({
      find: new RegExp(`^${specifier}$`),
      replacement: root + source,
    })),
  },
  test: {
    reporters: ["verbose", new CountReporter()],
    testTimeout: 20_000,
    hookTimeout: 60_000, // starting a database counts as a hook
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" }, // about its next year's versions, in every process
    projects: [
      // What needs no server: a part of `npm run check`.
      { extends: true, test: { name: "unit", include: unitTests } },
      {
        extends: true,
        test: {
          name: "servers",
          include: ["test/**/*.test.ts"],
          exclude: unitTests,
          globalSetup: ["test/support/global-setup.ts"],
        },
      },
    ],
  },
});
