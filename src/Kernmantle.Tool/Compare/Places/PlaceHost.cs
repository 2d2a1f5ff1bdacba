using System.Diagnostics;
using System.Reflection;
using Kernmantle.Tool.Compare.Model;
using Kernmantle.Tool.Subjects;

namespace Kernmantle.Tool.Compare.Places;

/// <summary>What a process needs to be one of the places. Crosses to it.</summary>
/// <param name="Method">The method's metadata token in the assembly.</param>
/// <param name="GateAddress">Where workers are asked for their figures; set for processes.</param>
internal sealed record PlaceOrder(string Assembly, int Method, Inputs Inputs, Place Place, int Workers, string? GateAddress = null);

/// <summary>One round's answer. Crosses back.</summary>
/// <param name="Marks">Of each call's result; 0 where it failed.</param>
/// <param name="Texts">The first results, shortened, for messages.</param>
internal sealed record RoundAnswer(RoundFigures Figures, int Failures, string? FirstFailure, ulong[] Marks, string[] Texts);

/// <summary>
/// One place, in a process of its own that may be lost: the tool itself runs no code of the user's, a crash is that place's alone, and each
/// place has its own peak of memory.
/// </summary>
internal sealed class PlaceHost : IAsyncDisposable
{
    private const int Shown = 100, ShownLetters = 60;

    private readonly Invocation invocation;
    private readonly object?[] arguments;
    private readonly WorkerPool? pool;
    private readonly Gate? gate;

    private PlaceHost(Invocation invocation, object?[] arguments, WorkerPool? pool, Gate? gate) =>
        (this.invocation, this.arguments, this.pool, this.gate) = (invocation, arguments, pool, gate);

    public static async Task<PlaceHost> CreateAsync(PlaceOrder order)
    {
        var method = (MethodInfo)SubjectContext.Load(order.Assembly).ManifestModule.ResolveMethod(order.Method)!;
        object?[] arguments = order.Inputs.Bind(method);
        WorkerPool? pool = order.Place switch
        {
            Place.Threads => WorkerPool.Threads(order.Workers),
            Place.GlobalLock => WorkerPool.Exclusive(order.Workers),
            Place.Processes => WorkerPool.Processes(order.Workers),
            Place.EventLoop => WorkerPool.EventLoop(),
            _ => null,
        };
        if (pool is not null)
            await pool.StartAsync();
        return new(Invocation.Of(method), arguments, pool, order.GateAddress is { } address ? new(address) : null);
    }

    /// <summary>All calls once, measured. What the results are is looked at afterwards.</summary>
    public async Task<RoundAnswer> RoundAsync()
    {
        IReadOnlyList<Usage> before = await ReadAsync(static () => Usage.Fresh(), static address => FreshAtGate(address));
        long begin = Stopwatch.GetTimestamp();
        object?[] results = pool is null ? await OneAfterTheOtherAsync() : await invocation.AllOnAsync(pool, arguments);
        double wall = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        IReadOnlyList<Usage> after = await ReadAsync(static () => Usage.Here(), static address => AtGate(address));

        string?[] texts = [.. results.Select(static result => result is CallFailure ? null : CanonicalText.Of(result))];
        CallFailure[] failures = [.. results.OfType<CallFailure>()];
        return new(
            RoundFigures.Between(before, after, wall),
            failures.Length,
            failures.FirstOrDefault() is { } first ? Messages.Of(first.Exception) : null,
            [.. texts.Select(static text => text is null ? 0 : CanonicalText.Mark(text))],
            [.. texts.Take(Shown).Select(static text => text is null ? "" : text.Length > ShownLetters ? text[..ShownLetters] + "…" : text)]);
    }

    public async ValueTask DisposeAsync()
    {
        if (pool is not null)
            await pool.DisposeAsync();
        gate?.Dispose();
    }

    private async Task<object?[]> OneAfterTheOtherAsync()
    {
        object?[] results = new object?[arguments.Length];
        for (int i = 0; i < results.Length; i++)
        {
            try
            {
                results[i] = await invocation.HereAsync(arguments[i]);
            }
            catch (Exception e)
            {
                results[i] = new CallFailure(e);
            }
        }
        return results;
    }

    private async Task<IReadOnlyList<Usage>> ReadAsync(Func<Usage> here, Func<string, Usage> there)
    {
        Usage own = here();
        return gate is null ? [own] : [own, .. await gate.EachAsync(pool!.WorkerCount, address => pool.RunAsync(there, address))];
    }

    internal static Usage AtGate(string address)
    {
        Usage usage = Usage.Here();
        Gate.Pass(address);
        return usage;
    }

    internal static Usage FreshAtGate(string address)
    {
        Gate.Pass(address);
        return Usage.Fresh();
    }
}
