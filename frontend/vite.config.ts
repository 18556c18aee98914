import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

/** Libraries in files of their own, so that a change of a page changes that page's file alone. */
const libraries: Record<string, RegExp> = {
  svelte: /node_modules[\\/](svelte|esm-env|clsx)[\\/]/,
  prices: /node_modules[\\/](lightweight-charts|fancy-canvas)[\\/]/,
  curves: /node_modules[\\/]uplot[\\/]/,
};

export default defineConfig({
  base: "./",
  plugins: [svelte()],
  server: { proxy: { "/api": { target: "http://127.0.0.1:8000", ws: true } } },
  build: {
    outDir: "../backend/app/dashboard",
    emptyOutDir: true,
    target: "es2022",
    minify: false, // what is served can be read, and a change makes a small difference; the server compresses it
    cssMinify: false,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: { app: "index.html" },
      output: {
        entryFileNames: "assets/[name].js",
        chunkFileNames: "assets/[name].js",
        assetFileNames: "assets/[name][extname]",
        minifyInternalExports: false,
        codeSplitting: {
          groups: [
            ...Object.entries(libraries).map(([name, test]) => ({ name, test })),
            { name: "common", test: /src[\\/](core|parts)[\\/]/, minShareCount: 2 },
          ],
        },
      },
    },
  },
  test: { include: ["src/**/*.test.ts"] },
});
