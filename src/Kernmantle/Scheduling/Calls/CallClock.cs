namespace Kernmantle.Scheduling.Calls;

/// <summary>
/// How the clock of a begun call stands, as its worker says and its host has checked: timeouts and processor time count from
/// <paramref name="Started"/> to <paramref name="Stopped"/>, which is the user's function and nothing else.
/// </summary>
/// <param name="Started">When its function was called, as a timestamp of the pool's clock; 0: not yet.</param>
/// <param name="Stopped">When its function, and the task that it returned, had completed; 0: not yet.</param>
internal readonly record struct CallClock(long Started, long Stopped)
{
    /// <summary>The function runs.</summary>
    public bool Runs => Started != 0 && Stopped == 0;
}
