// Leaves a single worker running when Main returns, or does the program's own misdeed: for tests that look from outside.
using Kernmantle;

switch (args)
{
    case ["worker", string place, string background, string file]:
        Action<string, int> write = static (path, milliseconds) =>
        {
            WorkerContext.Current!.StoppingToken.WaitHandle.WaitOne(milliseconds);
            File.WriteAllText(path, "finished");
        };
        bool isBackground = background == "background";
        int wait = isBackground ? 600_000 : 500;
        Worker worker = place == "thread"
            ? Worker.OnThread("w", write, file, wait, new() { Background = isBackground })
            : Worker.OnProcess("w", write, file, wait, new() { Background = isBackground });
        worker.Start();
        return 0;
    default:
        Console.Error.WriteLine("usage: Victim worker thread|process foreground|background FILE");
        return 2;
}
