// A numpy array there and back, and a timeout on a function without arguments.
using Kernmantle;
using Kernmantle.Python;

string folder = Directory.CreateTempSubdirectory("kernmantle-numpy-").FullName;
try
{
    await File.WriteAllTextAsync(Path.Combine(folder, "work.py"), """
        import time
        import numpy

        def double(values):
            assert isinstance(values, numpy.ndarray), type(values)
            return values * 2

        def forever():
            while True:
                time.sleep(1)
        """);
    await using var python = new PythonPool(1, new() { Interpreter = args[0], ModulePaths = [folder] });
    double[] values = [.. Enumerable.Range(0, 1_000_000).Select(static n => (double)n)];
    double[] doubled = await python.CallAsync<double[]>("work:double", values);
    bool late = false;
    try
    {
        await python.CallAsync<object>("work:forever", new CallOptions { Timeout = TimeSpan.FromSeconds(1) });
    }
    catch (CallTimeoutException)
    {
        late = true;
    }
    Console.WriteLine($"{doubled.Length} doubles, {(late ? "and the timeout held" : "but the timeout was lost")}");
    return doubled.Length == values.Length && doubled[^1] == 1_999_998 && late ? 0 : 1;
}
finally
{
    Directory.Delete(folder, recursive: true);
}
