// A numpy array there and back through a typed face, values of many types, and a timeout on a function without arguments. Published trimmed as well.
using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
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

        def same(value):
            return value

        def forever():
            while True:
                time.sleep(1)
        """);
    await using var python = new PythonPool(1, new() { Interpreter = args[0], ModulePaths = [folder] });
    int wrong = 0;

    double[] values = [.. Enumerable.Range(0, 1_000_000).Select(static n => (double)n)];
    IWork work = await python.BindAsync<IWork>();
    double[] doubled = await work.DoubleAsync(values);
    wrong += doubled.Length == values.Length && doubled[^1] == 1_999_998 ? 0 : 1;

    try
    {
        await python.BindAsync<IOtherWork>();
        wrong++;
    }
    catch (PythonSignatureException e)
    {
        wrong += e.Mismatches.Count == 2 ? 0 : 1;
    }

    await SameAsync(new Item("a", 1), static v => v.ToString());
    await SameAsync(new List<Item> { new("a", 1), new("b", 2) }, Sequence);
    await SameAsync(new Dictionary<string, List<string>> { ["k"] = ["v", "w"] }, static v => string.Join(',', v["k"]));
    await SameAsync((1, "a", 2.5), static v => v.ToString());
    await SameAsync(Tuple.Create(1, "a"), static v => v.ToString());
    await SameAsync(new SortedSet<int> { 2, 1 }, Sequence);
    await SameAsync(new Queue<string>(["a", "b"]), Sequence);
    await SameAsync(ImmutableArray.Create("a", "b"), static v => Sequence(v));
    await SameAsync(ImmutableSortedDictionary<string, int>.Empty.Add("a", 1), Sequence);
    await SameAsync(new SortedList<string, int> { ["a"] = 1 }, Sequence);
    await SameAsync(BigInteger.Pow(7, 70), static v => v.ToString());
    await SameAsync(1.50m, static v => v.ToString());
    await SameAsync(new DateTime(2024, 2, 29, 1, 2, 3, DateTimeKind.Utc), static v => $"{v:O}");
    await SameAsync(JsonNode.Parse("""{"a":[1,2.5,null,"b"]}""")!, static v => v.ToJsonString());
    await SameAsync(JsonDocument.Parse("""{"a":[1,true]}""").RootElement, static v => v.GetRawText());

    bool late = false;
    try
    {
        await python.CallAsync<object>("work:forever", new CallOptions { Timeout = TimeSpan.FromSeconds(1) });
    }
    catch (CallTimeoutException)
    {
        late = true;
    }
    Console.WriteLine($"{doubled.Length} doubles, {wrong} wrong, {(late ? "and the timeout held" : "but the timeout was lost")}");
    return wrong == 0 && late ? 0 : 1;

    async Task SameAsync<T>(T value, Func<T, string> text, [CallerArgumentExpression(nameof(value))] string what = "")
    {
        try
        {
            T back = await python.CallAsync<T>("work:same", value);
            if (text(back) == text(value))
                return;
            Console.WriteLine($"wrong: {what} came back as {text(back)}");
        }
        catch (WorkerException e)
        {
            Console.WriteLine($"wrong: {what}: {e.Message}");
        }
        wrong++;
    }
}
finally
{
    Directory.Delete(folder, recursive: true);
}

static string Sequence<T>(IEnumerable<T> values) => string.Join(',', values.Select(static v => v?.ToString()));

[PythonModule("work")]
internal partial interface IWork
{
    Task<double[]> DoubleAsync(double[] values);
}

[PythonModule("work")]
internal partial interface IOtherWork
{
    Task<double[]> DoubleAsync();

    Task<double[]> HalveAsync(double[] values);
}

internal sealed record Item(string Name, int Count);
