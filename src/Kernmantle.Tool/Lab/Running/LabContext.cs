using Kernmantle.Tool.Lab.Model;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Tool.Lab.Running;

/// <summary>What a running experiment has.</summary>
/// <param name="Machine">What it runs on.</param>
/// <param name="Loggers">For its pools; null is the library's own log.</param>
/// <param name="Report">Called with what is done now, and how much of the experiment is behind it, from 0 to 1.</param>
internal sealed record LabContext(Machine Machine, ILoggerFactory? Loggers, Action<string, double> Report, CancellationToken Stopping)
{
    /// <summary>Says what is done now; a good place to stop, too.</summary>
    /// <exception cref="OperationCanceledException">The lab shall stop.</exception>
    public void Step(string what, double done)
    {
        Stopping.ThrowIfCancellationRequested();
        Report(what, done);
    }

    /// <summary>A part of the experiment that reports from 0 to 1 itself.</summary>
    public LabContext Part(double from, double to) => this with { Report = (what, done) => Report(what, from + (to - from) * done) };
}
