/** Builds the console into `dist/`, which the controller serves as plain files. */
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    chunkSizeWarningLimit: 800, // kB; one file, fetched once from a machine in the same building
  },
});
