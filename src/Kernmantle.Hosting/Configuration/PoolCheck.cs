using Kernmantle.Python;
using Microsoft.Extensions.Options;

namespace Kernmantle.Hosting.Configuration;

/// <summary>Whether the options of a pool can be: at start, before any worker is.</summary>
internal sealed class PoolCheck<TOptions>(string name, IServiceProvider services) : IValidateOptions<HostedPoolOptions<TOptions>>
    where TOptions : WorkerPoolOptions, new()
{
    public ValidateOptionsResult Validate(string? ofName, HostedPoolOptions<TOptions> options)
    {
        if (ofName != name)
            return ValidateOptionsResult.Skip;
        List<string> problems = [.. options.Problems];
        try
        {
            Check(options);
        }
        catch (Exception e) when (Mistakes.Tell(e, services, name) is { } told)
        {
            problems.Add(told);
        }
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static void Check(HostedPoolOptions<TOptions> options)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.Workers, nameof(options.Workers));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.DegradedAfterDeath, TimeSpan.Zero, nameof(options.DegradedAfterDeath));
        CheckPart(options.NearlyFull, nameof(options.NearlyFull));
        CheckWarmUp(options.WarmUp);
        ArgumentNullException.ThrowIfNull(options.Pool, nameof(options.Pool));
        options.Pool.Validate();
    }

    private static void CheckPart(double part, string name)
    {
        if (part is not (> 0 and <= 1))
            throw new ArgumentOutOfRangeException(name, part, "A part of the queue's capacity: above 0, and at most 1.");
    }

    private static void CheckWarmUp(IList<Delegate> warmUp)
    {
        if (warmUp.Count > 0 && typeof(TOptions) == typeof(PythonPoolOptions))
            throw new ArgumentException($"Functions of .NET are made ready, and Python workers run none: leave WarmUp empty, and use {nameof(PythonPoolOptions.Setup)}.", nameof(warmUp));
    }
}
