// Five thousand files, each with a short timeout; some never end, some overflow the stack. Every other one is counted.
using Kernmantle;

const int Files = 5000;
DirectoryInfo folder = Directory.CreateTempSubdirectory("kernmantle-batch-");
try
{
    for (int i = 0; i < Files; i++)
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, $"{i:D4}.txt"), i % 1000 == 500 ? "loop" : i % 1000 == 700 ? "overflow" : new string('x', i));
    await using WorkerPool pool = WorkerPool.Processes(2, new() { RestartLimit = int.MaxValue, Spares = 1 });
    long total = 0;
    int late = 0, crashed = 0, lost = 0;
    await foreach (MapResult<string, FileSize> item in pool.With(new() { Timeout = TimeSpan.FromSeconds(2) }).MapAsync(static path => Read(path), Directory.EnumerateFiles(folder.FullName)))
    {
        if (item.IsSuccess)
            total += item.Value.Length;
        else if (item.Failure is CallTimeoutException)
            late++;
        else if (item.Failure is WorkerCrashedException)
            crashed++;
        else
            lost++;
    }
    long expected = Enumerable.Range(0, Files).Where(static i => i % 1000 is not (500 or 700)).Sum(static i => (long)i);
    Console.WriteLine($"{total} of {expected} bytes; {late} late, {crashed} crashed, {lost} lost");
    return total == expected && late == Files / 1000 && crashed == Files / 1000 && lost == 0 ? 0 : 1;
}
finally
{
    folder.Delete(recursive: true);
}

static FileSize Read(string path)
{
    string text = File.ReadAllText(path);
    while (text == "loop")
    {
    }
    return text == "overflow" ? new(path, Overflow(1)) : new(path, text.Length);
}

static int Overflow(int n) => 1 + Overflow(n + 1);

internal sealed record FileSize(string Path, int Length);
