using System.Runtime.CompilerServices;
using Kernmantle.Functions;

namespace Kernmantle.Tests.Functions;

/// <summary>All lambdas of a method share its name; the line tells them apart.</summary>
public sealed class SourceLineTests
{
    [Fact]
    public void Two_lambdas_of_one_method_are_told_apart_by_their_lines()
    {
        (Func<int> first, int firstLine) = (static () => 1, Line());
        (Func<int> second, int secondLine) = (static () => 2, Line());
        Assert.Equal($"{nameof(SourceLineTests)}.{nameof(Two_lambdas_of_one_method_are_told_apart_by_their_lines)} (lambda, {nameof(SourceLineTests)}.cs:{firstLine})", Function.NameOf(first));
        Assert.EndsWith($".cs:{secondLine})", Function.NameOf(second), StringComparison.Ordinal);
    }

    [Fact]
    public void An_asynchronous_lambda_has_the_line_at_which_its_body_begins()
    {
        (Func<Task<int>> lambda, int line) = (static async () => { await Task.Yield(); return 1; }, Line());
        Assert.EndsWith($".cs:{line})", Function.NameOf(lambda), StringComparison.Ordinal);
    }

    [Fact]
    public void A_method_that_has_a_name_of_its_own_needs_no_line() => Assert.Equal("Math.Abs", Function.NameOf((Func<int, int>)Math.Abs));

    [Fact]
    public async Task The_failure_of_a_lambda_names_its_line()
    {
        await using WorkerPool pool = WorkerPool.Threads(1);
        (Func<int> lambda, int line) = (static () => throw new InvalidOperationException(), Line());
        RemoteException failure = await Assert.ThrowsAsync<RemoteException>(() => pool.RunAsync(lambda));
        Assert.EndsWith($"SourceLineTests.cs:{line})", failure.CallName, StringComparison.Ordinal);
    }

    private static int Line([CallerLineNumber] int line = 0) => line;
}
