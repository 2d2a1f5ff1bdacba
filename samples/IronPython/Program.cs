using IronPythonSample;

string source = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "work.py"));
await foreach (string line in Calls.ShowAsync<IronPythonScope>(source, limit: TimeSpan.FromSeconds(2)))
    Console.WriteLine(line);
await foreach (Measured measured in Comparison.RunAsync<IronPythonScope>(source, Comparison.Inputs))
    Console.WriteLine(measured);
