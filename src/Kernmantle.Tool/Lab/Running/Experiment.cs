using Kernmantle.Tool.Lab.Model;

namespace Kernmantle.Tool.Lab.Running;

/// <summary>
/// One experiment. It measures, and hands its measurements to functions of their own that judge and draw: those are tested with
/// made-up figures.
/// </summary>
/// <param name="name">What it is called on the command line.</param>
/// <param name="question">What it answers, in one line.</param>
internal abstract class Experiment(string name, string question)
{
    public string Name => name;

    public string Question => question;

    public abstract Task<Outcome> RunAsync(LabContext context);
}
