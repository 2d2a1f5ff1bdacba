// Does not compile: what the analyzers find also reaches a program that references a package on top of the library's.
using Kernmantle;
using Kernmantle.Python;

await using WorkerPool pool = WorkerPool.Threads(1);
pool.Run(static async () => await Task.Yield());

[PythonModule("stats.py")]
internal interface INotPartial;
