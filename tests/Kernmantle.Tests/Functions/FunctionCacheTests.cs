using Kernmantle.Functions;

namespace Kernmantle.Tests.Functions;

/// <summary>One function object per method, found again without cost.</summary>
public sealed class FunctionCacheTests
{
    [Fact]
    public void The_same_lambda_with_other_captures_is_the_same_function()
    {
        static Func<int> Make(int n) => () => n;
        Assert.Same(Crossing.FunctionOf(Make(1)), Crossing.FunctionOf(Make(2)));
    }

    [Fact]
    public void Other_type_arguments_are_another_function()
    {
        static Func<string> Captured<T>(T value) => () => $"{value}";
        static Func<string> Uncaptured<T>() => static () => typeof(T).Name;
        Assert.NotSame(Crossing.FunctionOf(Captured(1)), Crossing.FunctionOf(Captured("s")));
        Assert.NotSame(Crossing.FunctionOf(Captured(new Version(1, 0))), Crossing.FunctionOf(Captured("s")));
        Assert.NotSame(Crossing.FunctionOf(Uncaptured<string>()), Crossing.FunctionOf(Uncaptured<Version>()));
        Assert.Same(Crossing.FunctionOf(Uncaptured<string>()), Crossing.FunctionOf(Uncaptured<string>()));
    }

    [Fact]
    public void Static_methods_are_told_apart()
    {
        static int One(int n) => n;
        static int Two(int n) => n;
        Func<int, int> one = One;
        Func<int, int> two = Two;
        Assert.NotSame(Crossing.FunctionOf(one), Crossing.FunctionOf(two));
        Assert.Same(Crossing.FunctionOf(one), Crossing.FunctionOf<int, int>(One));
    }

    [Fact]
    public void The_shape_is_part_of_the_function()
    {
        Func<Exception> make = static () => new InvalidOperationException();
        Func<int, int> use = static n => n;
        Assert.NotSame(Function.Of(use, Crossing.Plain), Function.Of(use, Crossing.Plain with { FirstIsInstance = true }));
        Assert.NotNull(Function.Of(make, Crossing.Plain with { ResultIsInstance = true }));
    }

    [Fact]
    public void Finding_a_known_function_allocates_nothing()
    {
        Func<int, int> function = static n => n;
        Function known = Crossing.FunctionOf(function);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            if (!ReferenceEquals(Function.Of(function, Crossing.Plain), known))
                throw new InvalidOperationException("Another function.");
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Functions_are_found_by_address_on_this_runtime()
    {
        Func<int> function = static () => 1;
        Assert.NotEqual(0, DelegateFields.CodeAddress(function));
    }

    [Fact]
    public void Many_threads_get_one_function()
    {
        int n = 0;
        Func<int> function = () => n;
        Assert.Single(Enumerable.Range(0, 64).AsParallel().Select(_ => Crossing.FunctionOf(function)).Distinct());
    }

    [Fact]
    public void Functions_have_names_for_people()
    {
        int n = 1;
        int Local() => n;
        static int Generic<T>(T value) => value is null ? 0 : 1;
        Assert.Equal("FunctionCacheTests.Functions_have_names_for_people (lambda, FunctionCacheTests.cs:81)", Crossing.FunctionOf(() => n).DisplayName);
        Assert.Equal("FunctionCacheTests.Functions_have_names_for_people.Local", Crossing.FunctionOf((Func<int>)Local).DisplayName);
        Assert.Equal("FunctionCacheTests.Functions_have_names_for_people.Generic", Crossing.FunctionOf((Func<int, int>)Generic).DisplayName);
        Assert.Equal("Int32.Parse", Function.NameOf((Func<string, int>)int.Parse));
        Func<Func<int>> outer = () => () => n;
        Assert.Equal("FunctionCacheTests.Functions_have_names_for_people (lambda, FunctionCacheTests.cs:85)", Crossing.FunctionOf(outer()).DisplayName);
    }
}
