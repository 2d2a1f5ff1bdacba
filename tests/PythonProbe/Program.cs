// Starts Python workers, tells their process ids once they run what it was told to, and waits for its own end.
using Kernmantle.Python;

string interpreter = args[0], folder = args[1], function = args[2];
await using var pool = new PythonPool(2, new() { Interpreter = interpreter, ModulePaths = [folder], StartTimeout = TimeSpan.FromMinutes(3) });
await pool.StartAsync();
string[] files = [Path.GetTempFileName(), Path.GetTempFileName()];
foreach (string file in files)
    File.Delete(file);
Task[] calls = [.. files.Select(file => pool.CallAsync<object?>(function, file))];
using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
while (!Array.TrueForAll(files, static f => File.Exists(f) && File.ReadAllText(f).EndsWith('\n')) && await tick.WaitForNextTickAsync())
{
    // Both have begun when they have written who they are.
}
Console.WriteLine(string.Join(' ', files.Select(static f => File.ReadAllText(f).Trim())));
await Task.WhenAll(calls);
