namespace Kernmantle.Functions;

/// <summary>How long the calls of one function take, learnt from samples that workers send. Racy on purpose: any recent figure does.</summary>
internal sealed class CallDuration
{
    /// <summary>Work that a worker may have in advance, in microseconds: enough to make waking it cheap, too little for a wait that anyone notices.</summary>
    public const double Ahead = 300;

    /// <summary>The most calls in advance: beyond that nothing is gained.</summary>
    public const int MaxDepth = 256;

    /// <summary>The weight of a sample that is shorter than the estimate.</summary>
    private const double Weight = 1 / 8.0;

    /// <summary>No call is shorter than its hand-over, in microseconds.</summary>
    private const double Shortest = 0.02;

    /// <summary>Nor an item of a slice than the loop around it.</summary>
    private const double ShortestItem = 0.001;

    /// <summary>A mean of so many or more says more than all samples before.</summary>
    private const int Many = 64;

    /// <summary>How far one longer sample raises the estimate: a call that lost its core for a while is no slow function.</summary>
    private const double Raise = 4;

    private double microseconds = double.PositiveInfinity;

    /// <summary>In microseconds; infinite while nothing is known.</summary>
    public double Estimate => microseconds;

    /// <summary>The mean of that many items that ran in one go.</summary>
    public void Sample(double microseconds, int items)
    {
        if (items >= Many && microseconds < this.microseconds)
            this.microseconds = Math.Max(microseconds, ShortestItem);
        else
            Sample(microseconds);
    }

    public void Sample(double microseconds)
    {
        double sample = Math.Max(microseconds, Shortest);
        double known = this.microseconds;
        this.microseconds = double.IsPositiveInfinity(known) ? sample
            : sample > known ? Math.Min(sample, known * Raise)
            : known + Weight * (sample - known);
    }
}
