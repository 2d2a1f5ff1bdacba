using System.Globalization;
using System.Text.RegularExpressions;
using Kernmantle.Tests.Hosting;

namespace Kernmantle.Tests.Usage;

/// <summary>The table of docs/overloads.md, compiled: each form binds without type arguments, and runs.</summary>
public sealed partial class OverloadTable
{
    private static string Text(int n) => n.ToString(CultureInfo.InvariantCulture);

    private static Task<string> TextAsync(int n) => Task.FromResult(Text(n));

    private static T Echo<T>(T value) => value;

    private static Task NothingAsync() => Task.CompletedTask;

    [Fact]
    public async Task Every_form_of_RunAsync_binds_and_runs()
    {
        await using WorkerPool pool = WorkerPool.Inline(verifyPortable: true);
        CancellationToken token = CancellationToken.None;
        var options = new CallOptions { Name = "named" };
        string captured = "c";
        string Local(int n) => captured + Text(n);

        // What is awaited has the function's own result type: that is what the assignments check.
        string r = await pool.RunAsync(static () => "0");
        r += await pool.RunAsync(static n => Text(n), 1);
        r += await pool.RunAsync(static n => Text(n), 1, token);
        r += await pool.With(options).RunAsync(static n => Text(n), 1);
        r += await pool.With(options).RunAsync(static n => Text(n), 1, token);
        r += await pool.RunAsync(static (a, b) => Text(a + b), 1, 2, token);
        r += await pool.RunAsync(static t => Text(t.Item1 + t.Item2 + t.Item3), (1, 2, 3));
        r += await pool.RunAsync(static (n, ct) => Text(n), 1, token);
        r += await pool.RunAsync(static (a, b, ct) => Text(a + b), 1, 2);
        r += await pool.RunAsync(Text, 1);
        r += await pool.RunAsync(Local, 1);
        r += await pool.RunAsync(Echo<string>, "e");
        r += await pool.RunAsync(TextAsync, 1);
        r += await pool.RunAsync(TextAsync, 1, token);
        r += await pool.RunAsync(n => captured + n, 1);
        r += await pool.RunAsync(static async n => await TextAsync(n), 1);
        r += await pool.RunAsync(static async (n, ct) => await TextAsync(n).WaitAsync(ct), 1);
        await pool.RunAsync(static () => { });
        await pool.RunAsync(static n => { _ = n; }, 1);
        await pool.RunAsync(static async () => await NothingAsync());
        await pool.RunAsync(static async n => { await NothingAsync(); _ = n; }, 1);
        await pool.RunAsync(NothingAsync);
        await pool.RunAsync(static ct => Task.Delay(0, ct), token);
        Assert.Equal("0111136131c1e11c111", r);
        await Assert.ThrowsAsync<RemoteException>(() => pool.RunAsync(static n => throw new FormatException(Text(n)), 1));
        await Assert.ThrowsAsync<RemoteException>(() => pool.RunAsync(static () => throw new FormatException()));
    }

    [Fact]
    public void Every_form_of_Run_binds_and_runs()
    {
        using WorkerPool pool = WorkerPool.Inline(verifyPortable: true);
        Assert.Equal("0", pool.Run(static () => "0"));
        Assert.Equal("1", pool.Run(static n => Text(n), 1));
        Assert.Equal("3", pool.Run(static (a, b) => Text(a + b), 1, 2, CancellationToken.None));
        Assert.Equal("1", pool.Run(static (n, ct) => Text(n), 1));
        pool.Run(static () => { });
        pool.With(new() { Name = "named" }).Run(static n => { _ = n; }, 1);
    }

    [Fact]
    public async Task Run_with_an_asynchronous_function_does_not_compile()
    {
        string folder = Directory.CreateTempSubdirectory("kernmantle-async-run-").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "P.cs"), """
                using System.Threading.Tasks;
                using Kernmantle;
                using WorkerPool pool = WorkerPool.Inline();
                pool.Run(async n => { await Task.Yield(); }, 1);
                pool.Run(async n => { await Task.Yield(); return n; }, 1);
                pool.Run(() => Task.CompletedTask);
                pool.Run(async () => throw new System.FormatException());
                pool.Run(() => 1);
                """);
            // The compiler alone, with what the package gives it: building a project takes ten times as long, and says the same. eng/pack-check builds one.
            string[] references = [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(':').Where(static file => Path.GetFileName(file).StartsWith("System.", StringComparison.Ordinal)), typeof(WorkerPool).Assembly.Location];
            (int exit, string text) = await Programs.RunAsync("dotnet", [Programs.Compiler, "-nologo", "-noconfig", "-nostdlib", "-out:P.dll", $"-analyzer:{Programs.Analyzers}", "P.cs", .. references.Select(static file => $"-reference:{file}")], folder);
            Assert.NotEqual(0, exit);
            Assert.Equal(["4: KM0001", "5: KM0001", "6: KM0001", "7: KM0001"], Error().Matches(text).Select(static match => $"{match.Groups[1]}: {match.Groups[2]}").Order(StringComparer.Ordinal));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [GeneratedRegex(@"\((\d+),\d+\): error (\w+):")]
    private static partial Regex Error();
}
