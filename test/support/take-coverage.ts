/**
 * Imported by a process whose coverage is measured, before its program: writes the counts so far when it is asked to.
 */
import { takeCoverage } from "node:v8";

process.on("SIGUSR2", takeCoverage);
