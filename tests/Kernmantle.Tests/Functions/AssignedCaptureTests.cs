using Kernmantle.Functions;

namespace Kernmantle.Tests.Functions;

/// <summary>A captured variable that a function assigns changes in the worker only.</summary>
public sealed class AssignedCaptureTests
{
    [Fact]
    public void A_variable_that_the_function_assigns_is_found_once()
    {
        int counter = 0;
        Function function = Crossing.FunctionOf(() => counter++);
        Assert.Equal(["The captured variable 'counter'"], function.TakeAssigned());
        Assert.Empty(function.TakeAssigned());
        Assert.Equal(0, counter);
    }

    [Fact]
    public async Task A_call_that_assigns_one_is_warned_of_once_in_the_log_of_its_pool()
    {
        var log = new Logging.ListFactory();
        await using (WorkerPool pool = WorkerPool.Processes(1, new() { LoggerFactory = log }))
        {
            int counter = 0;
            for (int i = 0; i < 3; i++)
                await pool.RunAsync(() => counter++);
            Assert.Equal(0, counter);
        }
        Assert.Contains("assigns the captured variable 'counter'", (await log.FindAsync(static record => record.EventId.Id == 1213)).Message, StringComparison.Ordinal);
        Assert.Single(log.Entries, static record => record.EventId.Id == 1213);
    }

    [Fact]
    public void A_variable_that_is_assigned_without_being_read_is_found_too()
    {
        int last = 0, factor = 2;
        Assert.Equal(["The captured variable 'last'"], Crossing.FunctionOf(() => { last = factor; return factor; }).TakeAssigned());
        Assert.Equal(0, last);
    }

    [Fact]
    public void A_variable_of_an_enclosing_scope_is_found()
    {
        int outer = 0;
        for (int i = 0; i < 1; i++)
        {
            int inner = i;
            Assert.Equal(["The captured variable 'outer'"], Crossing.FunctionOf(() => outer += inner).TakeAssigned());
        }
        Assert.Equal(0, outer);
    }

    [Fact]
    public void What_is_read_only_or_belongs_to_the_function_itself_is_not()
    {
        int factor = 2;
        Assert.Empty(Crossing.FunctionOf(() =>
        {
            int own = factor;
            Func<int> nested = () => own++;
            return nested() + own;
        }).TakeAssigned());
    }

    [Fact]
    public void A_variable_that_another_lambda_assigns_is_not_held_against_this_one()
    {
        int shared = 1;
        Action other = () => shared++;
        Assert.Empty(Crossing.FunctionOf(() => shared + 1).TakeAssigned());
        other();
        Assert.Equal(2, shared);
    }
}
