// Leaves a single worker running when Main returns, or does the program's own misdeed: for tests that look from outside.
using System.Globalization;
using Kernmantle;
using Kernmantle.Victim.Liars;

switch (args)
{
    case ["worker", string place, string background, string file]:
        Action<(string Path, int Milliseconds)> write = static given =>
        {
            WorkerContext.Current!.StoppingToken.WaitHandle.WaitOne(given.Milliseconds);
            File.WriteAllText(given.Path, "finished");
        };
        bool isBackground = background == "background";
        int wait = isBackground ? 600_000 : 500;
        Worker worker = place == "thread"
            ? Worker.OnThread("w", write, (file, wait), new() { Background = isBackground })
            : Worker.OnProcess("w", write, (file, wait), new() { Background = isBackground });
        worker.Start();
        return 0;
    case ["--liar", string lies, string transport, string lives, string seed]:
        return await LiarRun.RunAsync(lies.Split(','), Enum.Parse<WorkerTransport>(transport), int.Parse(lives, CultureInfo.InvariantCulture), int.Parse(seed, CultureInfo.InvariantCulture));
    default:
        Console.Error.WriteLine("usage: Victim worker thread|process foreground|background FILE, or Victim --liar LIE,... Socket|SharedMemory LIVES SEED");
        return 2;
}
